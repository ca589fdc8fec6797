namespace TKA.DevEnvironment.Cluster.Storage;

/// <summary>Reads stored objects from inside the server (authorization, admission, controllers).</summary>
internal interface IObjectReader
{
    /// <summary>A private copy of one object, or null. <paramref name="namespace"/> is empty for cluster-scoped resources.</summary>
    JsonObject? Get(string group, string resource, string @namespace, string name);

    /// <summary>Private copies of all objects of a resource; of one namespace, or of all when it is empty.</summary>
    IReadOnlyList<JsonObject> List(string group, string resource, string @namespace = "");

    /// <summary>Resource version of the last change to any object of the resource, 0 when there was none: tells whether something computed from it is still valid.</summary>
    long LastChange(string group, string resource);
}

using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Tests.Cluster;

/// <summary>Objects in a store without a server, for tests of what only reads them.</summary>
internal static class InMemoryObjects
{
    public static ObjectStore New() => new(historyPerResource: 100);

    /// <summary>Stores an object, or replaces the one of its name.</summary>
    public static void Put(this ObjectStore store, string group, string resource, string json)
    {
        var key = new GroupResource(group, resource);
        var obj = (JsonObject)JsonNode.Parse(json)!;
        var stored = store.Find(key, obj.Namespace(), obj.Name()) is { } existing ? store.Replace(key, existing, obj) : store.Create(key, obj);
        Xunit.Assert.NotNull(stored);
    }

    public static void Remove(this ObjectStore store, string group, string resource, string @namespace, string name)
    {
        var key = new GroupResource(group, resource);
        Xunit.Assert.NotNull(store.Remove(key, store.Find(key, @namespace, name)!));
    }
}

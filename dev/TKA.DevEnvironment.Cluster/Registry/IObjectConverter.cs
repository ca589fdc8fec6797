using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>Converts between a served version and the stored version of a resource.</summary>
internal interface IObjectConverter
{
    /// <summary>From the stored form; may change and return its argument.</summary>
    JsonObject FromStorage(JsonObject stored);

    /// <summary>To the stored form; may change and return its argument.</summary>
    JsonObject ToStorage(JsonObject served);
}

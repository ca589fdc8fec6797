using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>A built-in type: its fields are known, nulls mean absent, unknown fields are dropped or refused.</summary>
internal class BuiltinStrategy : ResourceStrategy
{
    /// <inheritdoc/>
    public override void Decode(JsonObject obj, FieldValidation validation, ICollection<string> warnings) => DropNulls(obj);

    /// <summary>Go's decoder treats null as absent.</summary>
    protected static void DropNulls(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var name in map.Where(p => p.Value is null).Select(p => p.Key).ToList())
                {
                    map.Remove(name);
                }

                foreach (var (_, value) in map)
                {
                    DropNulls(value);
                }

                break;
            case JsonArray array:
                foreach (var item in array)
                {
                    DropNulls(item);
                }

                break;
            default:
                break;
        }
    }
}

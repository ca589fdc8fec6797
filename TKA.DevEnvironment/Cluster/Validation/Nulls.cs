using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>Go's typed decoder treats null as absent.</summary>
internal static class Nulls
{
    /// <summary>Removes members that are null, all the way down; JSON that is data (managedFields, raw extensions) has none.</summary>
    public static void Drop(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                List<string>? nulls = null;
                foreach (var (name, value) in map)
                {
                    if (value is null)
                    {
                        (nulls ??= []).Add(name);
                    }
                    else
                    {
                        Drop(value);
                    }
                }

                foreach (var name in nulls ?? [])
                {
                    map.Remove(name);
                }

                break;
            case JsonArray array:
                foreach (var item in array)
                {
                    Drop(item);
                }

                break;
            default:
                break;
        }
    }
}

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>Drops what a schema does not know.</summary>
internal static class SchemaPruner
{
    /// <summary>Drops unknown fields and returns their paths.</summary>
    public static List<string> Prune(JsonObject obj, Schema schema)
    {
        var unknown = new List<string>();
        Prune(obj, schema, "", unknown);
        return unknown;
    }

    private static void Prune(JsonNode? node, Schema schema, string path, List<string> unknown)
    {
        switch (node)
        {
            case JsonObject map when schema.Type is SchemaType.Object or SchemaType.Any:
                PruneMap(map, schema, path, unknown);
                break;
            case JsonArray array when schema.Items is { } items:
                for (var i = 0; i < array.Count; i++)
                {
                    Prune(array[i], items, $"{path}[{i}]", unknown);
                }

                break;
            default:
                break;
        }
    }

    private static void PruneMap(JsonObject map, Schema schema, string path, List<string> unknown)
    {
        foreach (var (name, value) in map)
        {
            var memberPath = path.Length == 0 ? name : $"{path}.{name}";
            if (schema.Member(name) is { } member)
            {
                Prune(value, member, memberPath, unknown);
            }
            else
            {
                unknown.Add(memberPath);
            }
        }

        map.RemoveAll(entry => schema.Member(entry.Key) is null);
    }
}

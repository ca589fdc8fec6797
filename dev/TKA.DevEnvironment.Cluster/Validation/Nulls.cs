namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>What Go's typed decoder makes of null: nothing, but in a map of texts an empty one.</summary>
internal static class Nulls
{
    /// <summary>Removes members that are null, all the way down; JSON that is data (managedFields, raw extensions) has none.</summary>
    public static void Drop(JsonNode? node, Schema? schema)
    {
        switch (node)
        {
            case JsonObject map:
                if (schema is { Properties.Count: 0, AdditionalProperties.Type: SchemaType.String })
                {
                    foreach (var (name, _) in map.Where(member => member.Value is null).ToList())
                    {
                        map[name] = "";
                    }
                }

                map.RemoveAll(member => member.Value is null);
                foreach (var (name, value) in map)
                {
                    Drop(value, schema?.Member(name));
                }

                break;
            case JsonArray array:
                foreach (var item in array)
                {
                    Drop(item, schema?.Items);
                }

                break;
        }
    }
}

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
                var texts = schema is { Properties.Count: 0, AdditionalProperties.Type: SchemaType.String };
                List<string>? nulls = null;
                foreach (var (name, value) in map)
                {
                    if (value is null)
                    {
                        (nulls ??= []).Add(name);
                    }
                    else
                    {
                        Drop(value, schema?.Member(name));
                    }
                }

                foreach (var name in nulls ?? [])
                {
                    if (texts)
                    {
                        map[name] = "";
                    }
                    else
                    {
                        map.Remove(name);
                    }
                }

                break;
            case JsonArray array:
                foreach (var item in array)
                {
                    Drop(item, schema?.Items);
                }

                break;
            default:
                break;
        }
    }
}

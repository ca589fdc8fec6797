namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>Fills in a schema's defaults, from the outside in.</summary>
internal static class SchemaDefaulter
{
    /// <summary>Adds defaults where members are absent, or null where null is not allowed.</summary>
    public static void Apply(JsonNode? node, Schema schema)
    {
        switch (node)
        {
            case JsonObject map:
                ApplyToMap(map, schema);
                break;
            case JsonArray array when schema.Items is { } items:
                for (var i = 0; i < array.Count; i++)
                {
                    if (array[i] is null && !items.Nullable && items.Default is { } value)
                    {
                        array[i] = value.DeepClone();
                    }

                    Apply(array[i], items);
                }

                break;
            default:
                break;
        }
    }

    private static void ApplyToMap(JsonObject map, Schema schema)
    {
        foreach (var (name, member) in schema.Properties)
        {
            if (member.Default is { } value
                && (!map.TryGetPropertyValue(name, out var current) || (current is null && !member.Nullable)))
            {
                map[name] = value.DeepClone();
            }
        }

        foreach (var (name, value) in map)
        {
            if (KnownMember(name) is { } member)
            {
                Apply(value, member);
            }
        }

        map.RemoveAll(entry => entry.Value is null && KnownMember(entry.Key) is { Nullable: false });

        Schema? KnownMember(string name) => schema.Member(name) is { } member && !ReferenceEquals(member, Schema.Anything) ? member : null;
    }
}

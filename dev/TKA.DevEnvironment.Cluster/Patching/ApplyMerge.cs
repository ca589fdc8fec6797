namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>The two halves of an apply: put in what the configuration says, take out what it no longer says.</summary>
internal static class ApplyMerge
{
    /// <summary>Merges a configuration into a value, changing and returning <paramref name="live"/> where it can.</summary>
    public static JsonNode? Merge(JsonNode? live, JsonNode? applied, Schema schema)
    {
        if (ObjectFields.IsAtomic(applied, schema))
        {
            return applied?.DeepClone();
        }

        if (applied is JsonArray items)
        {
            return MergeList(live as JsonArray ?? [], items, schema);
        }

        var target = live as JsonObject ?? [];
        foreach (var (name, value) in (JsonObject)applied!)
        {
            var before = target[name];
            var after = Merge(before, value, ObjectFields.MemberOf(schema, name));
            if (before is null || !ReferenceEquals(before, after))
            {
                target[name] = after;
            }
        }

        return target;
    }

    /// <summary>Takes fields out; objects and lists that become empty go with them.</summary>
    /// <param name="node">Where from.</param>
    /// <param name="fields">Fields that no manager owns any more.</param>
    /// <param name="kept">What others own: an item they own part of stays.</param>
    /// <param name="schema">Granularity.</param>
    public static void Remove(JsonNode? node, FieldSet fields, FieldSet? kept, Schema schema)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (edge, below) in fields.Children.Where(c => c.Key.StartsWith("f:", StringComparison.Ordinal)))
                {
                    var name = edge[2..];
                    if (map.TryGetPropertyValue(name, out var value) && RemoveWithin(value, below, kept?.Children.GetValueOrDefault(edge), ObjectFields.MemberOf(schema, name)))
                    {
                        map.Remove(name);
                    }
                }

                break;
            case JsonArray array:
                foreach (var item in array.ToList())
                {
                    var edge = ObjectFields.EdgeOf(item, schema);
                    if (fields.Children.TryGetValue(edge, out var below)
                        && RemoveWithin(item, below, kept?.Children.GetValueOrDefault(edge), schema.Items ?? Schema.Anything))
                    {
                        array.Remove(item);
                    }
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Whether the value is empty now.</summary>
    private static bool RemoveWithin(JsonNode? value, FieldSet fields, FieldSet? kept, Schema schema)
    {
        if (fields.Self && (kept is null || kept.IsEmpty))
        {
            return true;
        }

        Remove(value, fields, kept, schema);
        return value is JsonObject { Count: 0 } or JsonArray { Count: 0 };
    }

    private static JsonArray MergeList(JsonArray live, JsonArray applied, Schema schema)
    {
        foreach (var item in applied)
        {
            var edge = ObjectFields.EdgeOf(item, schema);
            var index = IndexOf(live, edge, schema);
            if (index < 0)
            {
                live.Add(item?.DeepClone());
            }
            else if (schema.ListKind == ListKind.Map)
            {
                var before = live[index];
                var after = Merge(before, item, schema.Items ?? Schema.Anything);
                if (!ReferenceEquals(before, after))
                {
                    live[index] = after;
                }
            }
        }

        return live;
    }

    private static int IndexOf(JsonArray array, string edge, Schema schema)
    {
        for (var i = 0; i < array.Count; i++)
        {
            if (ObjectFields.EdgeOf(array[i], schema) == edge)
            {
                return i;
            }
        }

        return -1;
    }
}

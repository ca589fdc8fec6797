using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Validation;

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
    public static void Remove(JsonNode? node, FieldSet fields, Schema schema)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (edge, below) in fields.Children.Where(c => c.Key.StartsWith("f:", StringComparison.Ordinal)))
                {
                    var name = edge[2..];
                    if (map.TryGetPropertyValue(name, out var value) && RemoveWithin(value, below, ObjectFields.MemberOf(schema, name)))
                    {
                        map.Remove(name);
                    }
                }

                break;
            case JsonArray array:
                foreach (var item in array.ToList())
                {
                    if (fields.Children.TryGetValue(ObjectFields.EdgeOf(item, schema), out var below)
                        && RemoveWithin(item, below, schema.Items ?? Schema.Anything))
                    {
                        array.Remove(item);
                    }
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Whether nothing is left of the value.</summary>
    private static bool RemoveWithin(JsonNode? value, FieldSet fields, Schema schema)
    {
        if (fields.Self && (fields.Children.Count == 0 || ObjectFields.IsAtomic(value, schema)))
        {
            return true;
        }

        Remove(value, fields, schema);
        return value switch
        {
            JsonObject { Count: 0 } or JsonArray { Count: 0 } => true,

            // Of an item only its keys are left, and those were this manager's too.
            JsonObject item when fields.Self => item.All(p => fields.Children.ContainsKey($"f:{p.Key}")),
            _ => false,
        };
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

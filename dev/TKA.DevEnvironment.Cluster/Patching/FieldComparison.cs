using static TKA.DevEnvironment.Cluster.Patching.ObjectFields;

namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>In which fields two objects differ, in the granularity of their schema.</summary>
internal static class FieldComparison
{
    /// <summary>Fields that are new or have another value, and fields that were removed.</summary>
    public static (FieldSet Changed, FieldSet Removed) Compare(JsonObject old, JsonObject obj, Schema schema)
    {
        var changed = new FieldSet();
        var removed = new FieldSet();
        Compare(old, obj, schema, changed, removed);
        return (WithoutUnowned(changed), WithoutUnowned(removed));
    }

    private static void Compare(JsonNode? old, JsonNode? now, Schema schema, FieldSet changed, FieldSet removed)
    {
        if (JsonNode.DeepEquals(old, now))
        {
            return;
        }

        switch (old, now)
        {
            case (JsonObject before, JsonObject after) when !schema.AtomicMap:
                foreach (var name in before.Select(p => p.Key).Union(after.Select(p => p.Key)))
                {
                    CompareBelow(
                        before.ContainsKey(name), before[name], after.ContainsKey(name), after[name],
                        $"f:{name}", MemberOf(schema, name), changed, removed,
                        isItem: IsEntry(schema, name));
                }

                break;
            case (JsonArray before, JsonArray after) when schema.ListKind != ListKind.Atomic:
                var oldItems = Index(before, schema);
                var newItems = Index(after, schema);
                foreach (var edge in oldItems.Keys.Union(newItems.Keys))
                {
                    CompareBelow(
                        oldItems.ContainsKey(edge), oldItems.GetValueOrDefault(edge), newItems.ContainsKey(edge), newItems.GetValueOrDefault(edge),
                        edge, schema.Items ?? Schema.Anything, changed, removed, isItem: true);
                }

                break;
            default:
                Add(changed, now, schema, wasThere: null);
                break;
        }
    }

    private static void CompareBelow(
        bool was, JsonNode? old, bool isNow, JsonNode? now, string edge, Schema schema, FieldSet changed, FieldSet removed, bool isItem)
    {
        var (added, gone) = (new FieldSet(), new FieldSet());
        if (was && isNow)
        {
            Compare(old, now, schema, added, gone);
        }
        else
        {
            var side = isNow ? added : gone;
            side.Self = isItem;
            Add(side, isNow ? now : old, schema, wasThere: schema.AlwaysThere);
        }

        changed.Put(edge, added);
        removed.Put(edge, gone);
    }

    private static Dictionary<string, JsonNode?> Index(JsonArray array, Schema schema)
    {
        var result = new Dictionary<string, JsonNode?>();
        foreach (var item in array)
        {
            result[EdgeOf(item, schema)] = item;
        }

        return result;
    }
}

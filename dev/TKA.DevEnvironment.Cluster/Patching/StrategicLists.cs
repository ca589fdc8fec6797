namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>The directives of strategic merge patch that are about the lists of an object.</summary>
internal static class StrategicLists
{
    /// <summary>Carries out <c>$deleteFromPrimitiveList</c>.</summary>
    public static void DeletePrimitives(JsonObject target, string name, JsonArray values)
    {
        if (target.Items(name) is not { } list)
        {
            return;
        }

        foreach (var item in list.Where(i => values.Any(v => JsonNode.DeepEquals(v, i))).ToList())
        {
            list.Remove(item);
        }
    }

    /// <summary>Carries out <c>$setElementOrder</c>: puts the listed elements in the listed order; the others keep their places after them.</summary>
    public static void Reorder(JsonObject target, string name, JsonArray order, MergeRule rule)
    {
        if (target.Items(name) is not { } list)
        {
            return;
        }

        var items = list.ToList();
        list.Clear();
        foreach (var wanted in order)
        {
            var index = items.FindIndex(i => Same(i, wanted));
            if (index >= 0)
            {
                list.Add(items[index]);
                items.RemoveAt(index);
            }
        }

        foreach (var rest in items)
        {
            list.Add(rest);
        }

        bool Same(JsonNode? item, JsonNode? wanted) =>
            wanted is JsonObject key && item is JsonObject map
                ? key.All(p => JsonNode.DeepEquals(p.Value, map[p.Key])) && (rule.Key.Length == 0 || key.ContainsKey(rule.Key))
                : JsonNode.DeepEquals(item, wanted);
    }
}

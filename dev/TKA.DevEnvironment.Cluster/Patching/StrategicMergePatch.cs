namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>
/// Strategic merge patch ("Update API Objects in Place Using kubectl patch"): a merge patch that merges lists by key where the type
/// says so, with the directives <c>$patch</c>, <c>$deleteFromPrimitiveList</c>, <c>$setElementOrder</c> and <c>$retainKeys</c>.
/// </summary>
internal static class StrategicMergePatch
{
    private const string PatchDirective = "$patch";
    private const string DeleteFromList = "$deleteFromPrimitiveList/";
    private const string ElementOrder = "$setElementOrder/";
    private const string RetainKeys = "$retainKeys";

    /// <summary>Applies a patch, changing <paramref name="target"/>.</summary>
    /// <exception cref="StatusException">400: a directive makes no sense.</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch, Func<string, MergeRule> rules) => MergeMap(target, patch, "", rules);

    private static JsonObject MergeMap(JsonObject target, JsonObject patch, string path, Func<string, MergeRule> rules)
    {
        switch (patch.Text(PatchDirective))
        {
            case "" or "merge":
                break;
            case "replace":
                var replacement = (JsonObject)patch.DeepClone();
                replacement.Remove(PatchDirective);
                return replacement;
            case "delete":
                return [];
            case var other:
                throw Statuses.BadRequest($"unknown patch type found: {other}");
        }

        if (patch.Items(RetainKeys) is not null)
        {
            var keep = patch.Texts(RetainKeys).ToHashSet();
            foreach (var name in target.Select(p => p.Key).Where(k => !keep.Contains(k)).ToList())
            {
                target.Remove(name);
            }
        }

        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(DeleteFromList, StringComparison.Ordinal))
            {
                DeletePrimitives(target, name[DeleteFromList.Length..], value as JsonArray ?? []);
            }
            else if (!name.StartsWith('$'))
            {
                MergeField(target, name, value, $"{path}.{name}", rules);
            }
        }

        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(ElementOrder, StringComparison.Ordinal) && value is JsonArray order)
            {
                var field = name[ElementOrder.Length..];
                Reorder(target, field, order, rules($"{path}.{field}"));
            }
        }

        return target;
    }

    private static void MergeField(JsonObject target, string name, JsonNode? value, string path, Func<string, MergeRule> rules)
    {
        switch (value)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject map:
                var before = target.Child(name);
                if (map.Text(PatchDirective) == "delete")
                {
                    target.Remove(name);
                    break;
                }

                var after = MergeMap(before ?? [], map, path, rules);
                if (!ReferenceEquals(before, after))
                {
                    target[name] = after;
                }

                break;
            case JsonArray list when target.Items(name) is { } current && rules(path) is { Merges: true } rule:
                MergeList(current, list, path, rule, rules);
                break;
            case JsonArray list:
                target[name] = WithoutDirectives(list);
                break;
            default:
                target[name] = value.DeepClone();
                break;
        }
    }

    private static void MergeList(JsonArray current, JsonArray patch, string path, MergeRule rule, Func<string, MergeRule> rules)
    {
        if (patch.OfType<JsonObject>().Any(e => e.Text(PatchDirective) == "replace"))
        {
            current.Clear();
            foreach (var item in patch.Where(e => e is not JsonObject map || map.Text(PatchDirective).Length == 0))
            {
                current.Add(item?.DeepClone());
            }

            return;
        }

        foreach (var item in patch)
        {
            if (item is not JsonObject map)
            {
                if (!current.Any(c => JsonNode.DeepEquals(c, item)))
                {
                    current.Add(item?.DeepClone());
                }

                continue;
            }

            var key = rule.Key;
            if (key.Length == 0 || map[key] is not { } wanted)
            {
                throw Statuses.BadRequest($"map: {map.ToJsonString()} does not contain declared merge key: {key}");
            }

            var existing = current.OfType<JsonObject>().FirstOrDefault(c => JsonNode.DeepEquals(c[key], wanted));
            if (map.Text(PatchDirective) == "delete")
            {
                if (existing is not null)
                {
                    current.Remove(existing);
                }
            }
            else if (existing is null)
            {
                current.Add((JsonNode)MergeMap([], map, path, rules));
            }
            else
            {
                var merged = MergeMap(existing, map, path, rules);
                if (!ReferenceEquals(merged, existing))
                {
                    current[current.IndexOf(existing)] = merged;
                }
            }
        }
    }

    private static void DeletePrimitives(JsonObject target, string name, JsonArray values)
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

    /// <summary>Puts the listed elements in the listed order; the others keep their places after them.</summary>
    private static void Reorder(JsonObject target, string name, JsonArray order, MergeRule rule)
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

    private static JsonArray WithoutDirectives(JsonArray list)
    {
        var result = new JsonArray();
        foreach (var item in list)
        {
            if (item is JsonObject map && map.ContainsKey(PatchDirective))
            {
                if (map.Text(PatchDirective) == "merge")
                {
                    var copy = (JsonObject)map.DeepClone();
                    copy.Remove(PatchDirective);
                    result.Add((JsonNode)copy);
                }

                continue;
            }

            result.Add(item?.DeepClone());
        }

        return result;
    }
}

namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>
/// Strategic merge patch ("Update API Objects in Place Using kubectl patch"): a merge patch that merges lists by key where the type
/// says so, with the directives <c>$patch: delete</c>, <c>$deleteFromPrimitiveList</c>, <c>$setElementOrder</c> and <c>$retainKeys</c>.
/// </summary>
internal static class StrategicMergePatch
{
    private const string PatchDirective = "$patch";
    private const string DeleteFromList = "$deleteFromPrimitiveList/";
    private const string ElementOrder = "$setElementOrder/";
    private const string RetainKeys = "$retainKeys";

    /// <summary>Applies a patch, changing <paramref name="target"/>.</summary>
    /// <exception cref="StatusException">400: an item of a merged list has no key; 501: another <c>$patch</c> than <c>delete</c>.</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch, Func<string, MergeRule> rules) => MergeMap(target, patch, "", rules);

    private static JsonObject MergeMap(JsonObject target, JsonObject patch, string path, Func<string, MergeRule> rules)
    {
        if (Deletes(patch))
        {
            return [];
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
                StrategicLists.DeletePrimitives(target, name[DeleteFromList.Length..], value as JsonArray ?? []);
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
                StrategicLists.Reorder(target, field, order, rules($"{path}.{field}"));
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
                if (Deletes(map))
                {
                    target.Remove(name);
                    break;
                }

                var before = target.Child(name);
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
                target[name] = new JsonArray([.. list.Where(item => item is not JsonObject map || !Deletes(map)).Select(item => item?.DeepClone())]);
                break;
            default:
                target[name] = value.DeepClone();
                break;
        }
    }

    private static void MergeList(JsonArray current, JsonArray patch, string path, MergeRule rule, Func<string, MergeRule> rules)
    {
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
            if (Deletes(map))
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

    /// <summary>Whether a map says that what it stands for is to be deleted.</summary>
    private static bool Deletes(JsonObject map) => map.Text(PatchDirective) switch
    {
        "" => false,
        "delete" => true,
        var other => throw Statuses.NotImplemented($"the directive $patch: {other}"),
    };
}

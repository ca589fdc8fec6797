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
    public static JsonObject Apply(JsonObject target, JsonObject patch, Schema schema) => Deletes(patch) ? [] : MergeMap(target, patch, schema);

    private static JsonObject MergeMap(JsonObject target, JsonObject patch, Schema schema)
    {
        if (patch.Items(RetainKeys) is not null)
        {
            var kept = patch.Texts(RetainKeys);
            target.RemoveAll(member => !kept.Contains(member.Key));
        }

        foreach (var (name, value) in patch.Where(member => !member.Key.StartsWith('$')))
        {
            MergeField(target, name, value, schema.Member(name) ?? Schema.Anything);
        }

        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(DeleteFromList, StringComparison.Ordinal))
            {
                target.Items(name[DeleteFromList.Length..])?.RemoveAll(item => Contains(value as JsonArray ?? [], item));
            }
            else if (name.StartsWith(ElementOrder, StringComparison.Ordinal) && value is JsonArray order && target.Items(name[ElementOrder.Length..]) is { } list)
            {
                Reorder(list, order);
            }
        }

        return target;
    }

    private static void MergeField(JsonObject target, string name, JsonNode? value, Schema schema)
    {
        switch (value)
        {
            case null:
            case JsonObject map when Deletes(map):
                target.Remove(name);
                break;
            case JsonObject map:
                MergeMap(target.ChildOrNew(name), map, schema);
                break;
            case JsonArray list when target.Items(name) is { } current && schema.ListKind != ListKind.Atomic:
                MergeList(current, list, schema);
                break;
            case JsonArray list:
                target[name] = new JsonArray([.. list.Where(item => item is not JsonObject map || !Deletes(map)).Select(item => item?.DeepClone())]);
                break;
            default:
                target[name] = value.DeepClone();
                break;
        }
    }

    private static void MergeList(JsonArray current, JsonArray patch, Schema schema)
    {
        var key = schema.ListKeys.FirstOrDefault("");
        foreach (var item in patch)
        {
            if (item is not JsonObject map)
            {
                if (!Contains(current, item))
                {
                    current.Add(item?.DeepClone());
                }

                continue;
            }

            if (map[key] is not { } wanted)
            {
                throw Statuses.BadRequest($"map: {map.ToJsonString()} does not contain declared merge key: {key}");
            }

            var existing = current.OfType<JsonObject>().FirstOrDefault(candidate => JsonNode.DeepEquals(candidate[key], wanted));
            if (Deletes(map))
            {
                current.Remove(existing);
                continue;
            }

            if (existing is null)
            {
                current.Add((JsonNode)(existing = []));
            }

            MergeMap(existing, map, schema.Items ?? Schema.Anything);
        }
    }

    /// <summary>Puts the elements of a list in the order of elements (or keys of elements); the others keep their places after them.</summary>
    private static void Reorder(JsonArray list, JsonArray order)
    {
        var items = list.OrderBy(item => order.Index().FirstOrDefault(wanted => Same(item, wanted.Item), (order.Count, null)).Index).ToList();
        list.Clear();
        items.ForEach(list.Add);

        static bool Same(JsonNode? item, JsonNode? wanted) =>
            wanted is JsonObject key ? key.All(member => JsonNode.DeepEquals(member.Value, item.At(member.Key))) : JsonNode.DeepEquals(item, wanted);
    }

    private static bool Contains(JsonArray list, JsonNode? item) => list.Any(candidate => JsonNode.DeepEquals(candidate, item));

    /// <summary>Whether a map says that what it stands for is to be deleted.</summary>
    private static bool Deletes(JsonObject map) => map.Text(PatchDirective) switch
    {
        "" => false,
        "delete" => true,
        var other => throw Statuses.NotImplemented($"the directive $patch: {other}"),
    };
}

namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>Keeps <c>metadata.managedFields</c> through creates, updates and patches.</summary>
internal static class ManagedFields
{
    /// <summary>
    /// What the author of a new object owns: what it says and the defaults that go with it, without what the server adds
    /// afterwards, and without status where that is written elsewhere.
    /// </summary>
    public static FieldSet OfAuthor(ResourceDefinition definition, JsonObject obj)
    {
        var fields = ObjectFields.OfNew(obj, definition.Strategy.Schema);
        if (definition.Strategy.HasStatus)
        {
            fields.Remove("f:status");
        }

        return fields;
    }

    /// <summary>Records the author of a new object.</summary>
    public static void TrackCreate(ResourceDefinition definition, JsonObject obj, FieldSet fields, WriteRequest request, TimeProvider time)
    {
        var managers = new FieldManagers();
        managers.Set(Author(definition, request), fields, Timestamps.Now(time));
        managers.Write(obj.ChildOrNew("metadata"));
    }

    /// <summary>Records a change: its author owns what it set, and everybody else loses what it changed.</summary>
    public static void TrackUpdate(ResourceDefinition definition, JsonObject obj, JsonObject old, WriteRequest request, TimeProvider time)
    {
        var metadata = obj.ChildOrNew("metadata");
        if (IsReset(metadata))
        {
            metadata.Remove("managedFields");
            return;
        }

        var managers = FieldManagers.Read(metadata.ContainsKey("managedFields") ? metadata : old.Child("metadata"));
        var author = Author(definition, request);
        var (changed, removed) = FieldComparison.Compare(old, obj, definition.Strategy.Schema);
        if (!changed.IsEmpty || !removed.IsEmpty)
        {
            var now = Timestamps.Now(time);
            managers.Set(author, managers[author].Union(changed).Except(removed), now);
            managers.Touch(author, now);
            managers.TakeFromOthers(author, changed.Union(removed));
        }

        managers.Write(metadata);
    }

    /// <summary>Whether two objects differ in nothing but the times of managedFields: then a write changes nothing.</summary>
    public static bool SameButForTimes(JsonObject obj, JsonObject old)
    {
        if (obj.Count != old.Count)
        {
            return false;
        }

        foreach (var (name, value) in obj)
        {
            if (name != "metadata" && !(old.TryGetPropertyValue(name, out var before) && JsonNode.DeepEquals(value, before)))
            {
                return false;
            }
        }

        var (now, then) = (obj.Child("metadata") ?? [], old.Child("metadata") ?? []);
        return now.Count == then.Count
            && now.All(p => p.Key == "managedFields"
                ? SameEntries(p.Value as JsonArray, then.Items("managedFields"))
                : then.TryGetPropertyValue(p.Key, out var before) && JsonNode.DeepEquals(p.Value, before));
    }

    private static FieldManager Author(ResourceDefinition definition, WriteRequest request) =>
        new(request.Manager, FieldManagers.UpdateOperation, definition.ApiVersion, request.Info.Subresource);

    /// <summary>A list with one empty entry is the request to forget all field owners.</summary>
    private static bool IsReset(JsonObject metadata) => metadata.Items("managedFields") is [JsonObject { Count: 0 }];

    private static bool SameEntries(JsonArray? a, JsonArray? b) =>
        a?.Count == b?.Count && (a ?? []).Zip(b ?? []).All(pair => JsonNode.DeepEquals(WithoutTime(pair.First), WithoutTime(pair.Second)));

    private static JsonNode? WithoutTime(JsonNode? entry)
    {
        var copy = entry?.DeepClone();
        (copy as JsonObject)?.Remove("time");
        return copy;
    }
}

using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Registry;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>Keeps <c>metadata.managedFields</c> through creates, updates and patches.</summary>
internal static class ManagedFields
{
    /// <summary>Records a write: its author owns what it set, and everybody else loses what it changed.</summary>
    public static void TrackUpdate(ResourceDefinition definition, JsonObject obj, JsonObject? old, WriteRequest request, TimeProvider time)
    {
        var metadata = obj.ChildOrNew("metadata");
        if (old is not null && IsReset(metadata))
        {
            metadata.Remove("managedFields");
            return;
        }

        var managers = FieldManagers.Read(old is null ? null : metadata.ContainsKey("managedFields") ? metadata : old.Child("metadata"));
        var author = new FieldManager(request.Manager, FieldManagers.UpdateOperation, definition.ApiVersion, request.Info.Subresource);
        var now = Timestamps.Now(time);
        if (old is null)
        {
            managers.Set(author, ObjectFields.Of(obj, definition.Strategy.Schema), now);
        }
        else
        {
            var (changed, removed) = ObjectFields.Compare(old, obj, definition.Strategy.Schema);
            if (!changed.IsEmpty || !removed.IsEmpty)
            {
                managers.Set(author, managers[author].Union(changed).Except(removed), now);
                managers.Touch(author, now);
                managers.TakeFromOthers(author, changed.Union(removed));
            }
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

    /// <summary>A list with one empty entry is how clients say: forget who owns what.</summary>
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

using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Registry;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Controllers;

/// <summary>
/// Deletes objects whose owners no longer exist, and does the garbage collector's part of foreground deletion and orphaning
/// ("Garbage Collection" in the Kubernetes documentation).
/// </summary>
internal sealed class GarbageCollector(
    ObjectStore store, ResourceRegistry registry, ControllerWrites writes, TimeProvider time, ILogger<GarbageCollector> logger)
    : Controller<ObjectKey>(time, logger)
{
    private const string Orphan = "orphan";
    private const string Foreground = "foregroundDeletion";
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<ObjectKey, byte>> _dependents = new();
    private readonly ConcurrentDictionary<ObjectKey, byte> _waiting = new();

    /// <inheritdoc/>
    public override void Observe(GroupResource resource, ObjectEvent change)
    {
        var key = new ObjectKey(resource, change.Current.Namespace, change.Current.Name);
        foreach (var owner in change.Previous?.OwnerUids ?? [])
        {
            if (_dependents.TryGetValue(owner, out var keys))
            {
                keys.TryRemove(key, out _);
                if (keys.IsEmpty)
                {
                    _dependents.TryRemove(owner, out _);
                }

                // An owner in foreground deletion may have waited for this one.
                Enqueue(key with { Uid = owner });
            }
        }

        if (change.Type == ChangeType.Deleted)
        {
            _waiting.TryRemove(key with { Uid = change.Current.Uid }, out _);
            if (_dependents.TryGetValue(change.Current.Uid, out var orphaned))
            {
                foreach (var dependent in orphaned.Keys)
                {
                    Enqueue(dependent);
                }
            }

            return;
        }

        foreach (var owner in change.Current.OwnerUids)
        {
            _dependents.GetOrAdd(owner, static _ => new())[key] = 0;
        }

        if (change.Current.OwnerUids.Count > 0 || IsWaiting(change.Current))
        {
            Enqueue(key);
        }
    }

    /// <inheritdoc/>
    protected override void Reconcile(ObjectKey key)
    {
        if (key.Uid.Length > 0)
        {
            // A dependent of this uid was deleted. The owner is found through the dependents that it still waits for.
            foreach (var waiting in _waiting.Keys.Where(k => k.Uid == key.Uid))
            {
                Reconcile(waiting with { Uid = "" });
            }

            return;
        }

        if (registry.FindStored(key.Resource) is not { } definition || store.Find(key.Resource, key.Namespace, key.Name) is not { } stored)
        {
            return;
        }

        var obj = stored.Read();
        var finalizers = obj.Child("metadata").Strings("finalizers").ToHashSet();
        if (obj.Child("metadata")?["deletionTimestamp"] is not null && finalizers.Contains(Orphan))
        {
            ReleaseDependents(stored);
            RemoveFinalizer(definition, stored, Orphan);
        }
        else if (obj.Child("metadata")?["deletionTimestamp"] is not null && finalizers.Contains(Foreground))
        {
            DeleteDependentsFirst(definition, key, stored);
        }
        else if (stored.OwnerUids.Count > 0)
        {
            CollectIfOrphaned(definition, stored, obj);
        }
    }

    private static bool IsWaiting(StoredObject stored) =>
        stored.Json.AsSpan().IndexOf("\"deletionTimestamp\""u8) >= 0
        && (stored.Json.AsSpan().IndexOf("\"foregroundDeletion\""u8) >= 0 || stored.Json.AsSpan().IndexOf("\"orphan\""u8) >= 0);

    private IEnumerable<(ResourceDefinition Definition, StoredObject Stored)> DependentsOf(string uid)
    {
        foreach (var key in _dependents.TryGetValue(uid, out var keys) ? keys.Keys : [])
        {
            if (registry.FindStored(key.Resource) is { } definition
                && store.Find(key.Resource, key.Namespace, key.Name) is { } stored
                && stored.OwnerUids.Contains(uid))
            {
                yield return (definition, stored);
            }
        }
    }

    private void ReleaseDependents(StoredObject owner)
    {
        foreach (var (definition, dependent) in DependentsOf(owner.Uid))
        {
            writes.Update(definition, dependent.Namespace, dependent.Name, obj => RemoveOwners(obj, [owner.Uid]));
        }
    }

    private void DeleteDependentsFirst(ResourceDefinition definition, ObjectKey key, StoredObject owner)
    {
        _waiting[key with { Uid = owner.Uid }] = 0;
        var blocked = false;
        foreach (var (dependentDefinition, dependent) in DependentsOf(owner.Uid))
        {
            var obj = dependent.Read();
            var reference = Owners(obj).First(o => o.Text("uid") == owner.Uid);
            blocked |= reference.Flag("blockOwnerDeletion");
            if (Owners(obj).Any(o => o.Text("uid") != owner.Uid && ExistsOwner(dependentDefinition, dependent, o) == true))
            {
                // The object has other owners, so only this reference is removed.
                writes.Update(dependentDefinition, dependent.Namespace, dependent.Name, o => RemoveOwners(o, [owner.Uid]));
            }
            else if (obj.Child("metadata")?["deletionTimestamp"] is null)
            {
                writes.Delete(dependentDefinition, dependent, DependentsOf(dependent.Uid).Any() ? "Foreground" : "Background");
            }
        }

        if (!blocked || !DependentsOf(owner.Uid).Any())
        {
            _waiting.TryRemove(key with { Uid = owner.Uid }, out _);
            RemoveFinalizer(definition, owner, Foreground);
        }
    }

    private void CollectIfOrphaned(ResourceDefinition definition, StoredObject stored, JsonObject obj)
    {
        var absent = new List<string>();
        foreach (var owner in Owners(obj))
        {
            switch (ExistsOwner(definition, stored, owner))
            {
                case true:
                    break;
                case false:
                    absent.Add(owner.Text("uid"));
                    break;
                default:
                    // An owner of a kind that is not served might exist, so the object is kept.
                    return;
            }
        }

        if (absent.Count == 0)
        {
            return;
        }

        if (absent.Count < stored.OwnerUids.Count)
        {
            writes.Update(definition, stored.Namespace, stored.Name, o => RemoveOwners(o, absent));
        }
        else if (obj.Child("metadata")?["deletionTimestamp"] is null)
        {
            writes.Delete(definition, stored);
        }
    }

    /// <summary>Whether the owner exists; null when that cannot be told (unknown kind, or a namespaced owner of a cluster-scoped object).</summary>
    private bool? ExistsOwner(ResourceDefinition dependent, StoredObject stored, JsonObject reference)
    {
        if (registry.FindKind(reference.Text("apiVersion"), reference.Text("kind")) is not { } definition)
        {
            return null;
        }

        if (definition.Namespaced && !dependent.Namespaced)
        {
            return null;
        }

        var owner = store.Find(definition.GroupResource, definition.Namespaced ? stored.Namespace : "", reference.Text("name"));
        return owner is not null && owner.Uid == reference.Text("uid");
    }

    private void RemoveFinalizer(ResourceDefinition definition, StoredObject stored, string finalizer) =>
        writes.Update(definition, stored.Namespace, stored.Name, obj =>
        {
            var metadata = obj.ChildOrNew("metadata");
            metadata["finalizers"] = new JsonArray([.. metadata.Strings("finalizers").Where(f => f != finalizer).Select(f => JsonValue.Create(f))]);
            if (metadata.Items("finalizers")!.Count == 0)
            {
                metadata.Remove("finalizers");
            }
        });

    private static IEnumerable<JsonObject> Owners(JsonObject obj) =>
        (obj.Child("metadata").Items("ownerReferences") ?? []).OfType<JsonObject>();

    private static void RemoveOwners(JsonObject obj, List<string> uids)
    {
        var metadata = obj.ChildOrNew("metadata");
        var rest = Owners(obj).Where(o => !uids.Contains(o.Text("uid"))).Select(o => o.DeepClone()).ToArray();
        if (rest.Length > 0)
        {
            metadata["ownerReferences"] = new JsonArray(rest);
        }
        else
        {
            metadata.Remove("ownerReferences");
        }
    }
}

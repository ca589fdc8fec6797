using System.Collections.Concurrent;

namespace TKA.DevEnvironment.Cluster.Controllers;

/// <summary>Deletes objects whose owners no longer exist ("Garbage Collection" in the Kubernetes documentation).</summary>
internal sealed class GarbageCollector(
    ObjectStore store, ResourceRegistry registry, ControllerWrites writes, TimeProvider time, ILogger<GarbageCollector> logger)
    : Controller<ObjectKey>(time, logger)
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<ObjectKey, byte>> _dependents = new();

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
            }
        }

        if (change.Type == ChangeType.Deleted)
        {
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

        if (change.Current.OwnerUids.Count > 0)
        {
            Enqueue(key);
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (registry.FindStored(key.Resource) is not { } definition
            || store.Find(key.Resource, key.Namespace, key.Name) is not { OwnerUids.Count: > 0 } stored)
        {
            return;
        }

        var obj = stored.Read();
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
            writes.Update(definition, stored.Namespace, stored.Name, current => current.ChildOrNew("metadata")["ownerReferences"] =
                new JsonArray([.. Owners(current).Where(owner => !absent.Contains(owner.Text("uid"))).Select(owner => owner.DeepClone())]));
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

    private static IReadOnlyList<JsonObject> Owners(JsonObject obj) => obj.Objects("metadata", "ownerReferences");
}

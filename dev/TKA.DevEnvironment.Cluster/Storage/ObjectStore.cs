using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace TKA.DevEnvironment.Cluster.Storage;

/// <summary>
/// All objects of the cluster, in memory. One revision counts every write to any resource; it is the resourceVersion clients see.
/// Writes are serialized; reads work on immutable snapshots and never wait.
/// </summary>
internal sealed class ObjectStore(int historyPerResource, long firstRevision = 1)
{
    private readonly Lock _writes = new();
    private readonly ConcurrentDictionary<GroupResource, ObjectTable> _tables = new();
    private readonly List<Action<GroupResource, ObjectEvent>> _observers = [];
    private long _revision = firstRevision;

    /// <summary>Revision of the last write.</summary>
    public long Revision => Interlocked.Read(ref _revision);

    /// <summary>Calls <paramref name="observer"/> for every write, in order, while the write lock is held: it must only take note.</summary>
    public void Observe(Action<GroupResource, ObjectEvent> observer)
    {
        lock (_writes)
        {
            _observers.Add(observer);
        }
    }

    /// <summary>The current version of an object, or null.</summary>
    public StoredObject? Find(GroupResource resource, string @namespace, string name) =>
        TableOf(resource).Objects.TryGetValue(StoredObject.Key(@namespace, name), out var found) ? found : null;

    /// <summary>All objects of a resource now, with the revision at which that was the whole truth.</summary>
    public (ImmutableSortedSet<StoredObject> Objects, long Revision) Snapshot(GroupResource resource)
    {
        lock (_writes)
        {
            return (TableOf(resource).Objects, _revision);
        }
    }

    /// <summary>The recent events of a resource.</summary>
    public EventLog LogOf(GroupResource resource) => TableOf(resource).Log;

    /// <summary>Stores a new object; null when its name is taken. Sets the object's resourceVersion.</summary>
    public StoredObject? Create(GroupResource resource, JsonObject obj)
    {
        lock (_writes)
        {
            var table = TableOf(resource);
            var created = StoredObject.Create(obj, _revision + 1);
            if (table.Objects.Contains(created))
            {
                return null;
            }

            table.Objects = table.Objects.Add(created);
            Publish(resource, table, new ObjectEvent(created.ResourceVersion, ChangeType.Added, created, null));
            return created;
        }
    }

    /// <summary>Replaces exactly the version <paramref name="expected"/>; null when that is no longer the current one.</summary>
    public StoredObject? Replace(GroupResource resource, StoredObject expected, JsonObject obj)
    {
        lock (_writes)
        {
            var table = TableOf(resource);
            if (Current(table, expected) is not { } current)
            {
                return null;
            }

            var replaced = StoredObject.Create(obj, _revision + 1);
            table.Objects = table.Objects.Remove(current).Add(replaced);
            Publish(resource, table, new ObjectEvent(replaced.ResourceVersion, ChangeType.Modified, replaced, current));
            return replaced;
        }
    }

    /// <summary>Removes exactly the version <paramref name="expected"/>, returning its last state; null when it is no longer the current one.</summary>
    /// <param name="resource">Which resource.</param>
    /// <param name="expected">The version to remove.</param>
    /// <param name="final">Last state, when the deletion itself changed it; else what is stored.</param>
    public StoredObject? Remove(GroupResource resource, StoredObject expected, JsonObject? final = null)
    {
        lock (_writes)
        {
            var table = TableOf(resource);
            if (Current(table, expected) is not { } current)
            {
                return null;
            }

            var removed = StoredObject.Create(final ?? current.Read(), _revision + 1);
            table.Objects = table.Objects.Remove(current);
            Publish(resource, table, new ObjectEvent(removed.ResourceVersion, ChangeType.Deleted, removed, current));
            return removed;
        }
    }

    /// <summary>Forgets history up to now: older resource versions answer 410 from here on.</summary>
    public void Compact()
    {
        lock (_writes)
        {
            foreach (var table in _tables.Values)
            {
                table.Log.Compact(_revision);
            }

            CompactedRevision = _revision;
        }
    }

    /// <summary>A private copy of one object, or null. <paramref name="namespace"/> is empty for cluster-scoped resources.</summary>
    public JsonObject? Get(string group, string resource, string @namespace, string name) =>
        Find(new GroupResource(group, resource), @namespace, name)?.Read();

    /// <summary>Private copies of all objects of a resource; of one namespace, or of all when it is empty.</summary>
    public IReadOnlyList<JsonObject> List(string group, string resource, string @namespace = "")
    {
        var objects = TableOf(new GroupResource(group, resource)).Objects;
        return [.. objects.Where(o => @namespace.Length == 0 || o.Namespace == @namespace).Select(o => o.Read())];
    }

    /// <summary>Resource version of the last change to any object of the resource, 0 when there was none: tells whether something computed from it is still valid.</summary>
    public long LastChange(string group, string resource) => TableOf(new GroupResource(group, resource)).LastChange;

    private long CompactedRevision { get; set; } = firstRevision;

    private static StoredObject? Current(ObjectTable table, StoredObject expected) =>
        table.Objects.TryGetValue(expected, out var current) && current.ResourceVersion == expected.ResourceVersion ? current : null;

    private void Publish(GroupResource resource, ObjectTable table, ObjectEvent change)
    {
        table.LastChange = change.Revision;
        Interlocked.Exchange(ref _revision, change.Revision);
        foreach (var observer in _observers)
        {
            observer(resource, change);
        }

        table.Log.Append(change);
    }

    private ObjectTable TableOf(GroupResource resource) => _tables.GetOrAdd(resource, static (_, store) => store.NewTable(), this);

    private ObjectTable NewTable()
    {
        var table = new ObjectTable(historyPerResource);
        table.Log.Compact(CompactedRevision);
        return table;
    }
}

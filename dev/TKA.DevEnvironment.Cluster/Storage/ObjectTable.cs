using System.Collections.Immutable;

namespace TKA.DevEnvironment.Cluster.Storage;

/// <summary>The objects of one resource and their recent events. One writer at a time; readers never wait.</summary>
internal sealed class ObjectTable(int history)
{
    private ImmutableSortedSet<StoredObject> _objects = ImmutableSortedSet.Create(StoredObject.Order);
    private long _lastChange;

    public EventLog Log { get; } = new(history);

    public ImmutableSortedSet<StoredObject> Objects
    {
        get => Volatile.Read(ref _objects);
        set => Volatile.Write(ref _objects, value);
    }

    public long LastChange
    {
        get => Interlocked.Read(ref _lastChange);
        set => Interlocked.Exchange(ref _lastChange, value);
    }
}

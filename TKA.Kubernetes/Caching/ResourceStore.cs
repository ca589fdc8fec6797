using System.Globalization;
using k8s;
using k8s.Models;

namespace TKA.Kubernetes.Caching;

/// <summary>The content of a cache: objects by key, indexes, subscribers and waiters, all under one lock so that no change is missed or seen out of order.</summary>
internal sealed class ResourceStore<T> : IResourceCache<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, T> _objects = [];
    private readonly Dictionary<string, ResourceIndex<T>> _indexes = [];
    private readonly Dictionary<ObjectKey, List<Waiter>> _waiters = [];
    private readonly HashSet<string> _deletedUids = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action<ResourceChange<T>>[] _handlers = [];
    private ulong _seenVersion;

    public bool HasSynced => _synced.Task.IsCompletedSuccessfully;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _objects.Count;
            }
        }
    }

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    public T? Get(ObjectKey key)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault(key);
        }
    }

    public IReadOnlyList<T> List()
    {
        lock (_lock)
        {
            return [.. _objects.Values];
        }
    }

    public IReadOnlyList<T> ByIndex(string index, string value)
    {
        lock (_lock)
        {
            return _indexes[index].Find(value, _objects);
        }
    }

    public void AddIndex(string index, Func<T, IEnumerable<string>> valuesOf)
    {
        lock (_lock)
        {
            var created = new ResourceIndex<T>(valuesOf);
            foreach (var (key, value) in _objects)
            {
                created.Update(key, null, value);
            }

            _indexes.Add(index, created);
        }
    }

    public IDisposable Subscribe(Action<ResourceChange<T>> handler)
    {
        lock (_lock)
        {
            foreach (var (key, value) in _objects)
            {
                handler(new ResourceChange<T>(key, null, value));
            }

            _handlers = [.. _handlers, handler];
        }

        return new Subscription(this, handler);
    }

    public async Task<T?> WaitForAsync(ObjectKey key, Func<T?, bool> predicate, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(predicate);
        lock (_lock)
        {
            var current = _objects.GetValueOrDefault(key);
            if (predicate(current))
            {
                return current;
            }

            if (!_waiters.TryGetValue(key, out var waiters))
            {
                _waiters.Add(key, waiters = []);
            }

            waiters.Add(waiter);
        }

        try
        {
            return await waiter.Completion.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Forget(key, waiter);
        }
    }

    public void Observe(T written)
    {
        lock (_lock)
        {
            // What the watch has already passed it has reported, including a deletion that came after this write.
            var version = VersionOf(written);
            if (version > _seenVersion && !_deletedUids.Contains(written.Metadata.Uid))
            {
                var key = ObjectKey.Of(written);
                if (_objects.TryGetValue(key, out var cached) && VersionOf(cached) >= version)
                {
                    return;
                }

                Set(key, written);
            }
        }
    }

    public void ObserveDeleted(T deleted)
    {
        lock (_lock)
        {
            var key = ObjectKey.Of(deleted);
            if (_objects.TryGetValue(key, out var cached) && cached.Metadata.Uid == deleted.Metadata.Uid)
            {
                // Older events of it may still be on their way and must not bring it back.
                _deletedUids.Add(deleted.Metadata.Uid);
                Set(key, null);
            }
        }
    }

    /// <summary>Takes in a full list: reports what is new, what changed, and what vanished while nobody was watching.</summary>
    public void Replace(IReadOnlyList<T> items, string resourceVersion)
    {
        lock (_lock)
        {
            var listed = new HashSet<ObjectKey>(items.Count);
            var listVersion = Parse(resourceVersion);
            var stillListed = new HashSet<string>();
            foreach (var item in items)
            {
                if (_deletedUids.Contains(item.Metadata.Uid))
                {
                    stillListed.Add(item.Metadata.Uid);
                    continue;
                }

                listed.Add(ObjectKey.Of(item));
                Apply(item);
            }

            foreach (var (key, cached) in _objects.ToArray())
            {
                // An answer to our own write that is newer than the list is no leftover.
                if (!listed.Contains(key) && VersionOf(cached) <= listVersion)
                {
                    Set(key, null);
                }
            }

            _deletedUids.IntersectWith(stillListed);
            _seenVersion = Math.Max(_seenVersion, listVersion);
        }

        _synced.TrySetResult();
    }

    /// <summary>Takes in an added or changed object from the watch.</summary>
    public void Upsert(T item)
    {
        lock (_lock)
        {
            _seenVersion = Math.Max(_seenVersion, VersionOf(item));
            if (!_deletedUids.Contains(item.Metadata.Uid))
            {
                Apply(item);
            }
        }
    }

    /// <summary>Takes in a deletion from the watch.</summary>
    public void Remove(T item)
    {
        lock (_lock)
        {
            _seenVersion = Math.Max(_seenVersion, VersionOf(item));
            _deletedUids.Remove(item.Metadata.Uid);
            var key = ObjectKey.Of(item);
            if (_objects.TryGetValue(key, out var cached) && cached.Metadata.Uid == item.Metadata.Uid)
            {
                Set(key, null);
            }
        }
    }

    /// <summary>Takes in a bookmark.</summary>
    public void Advance(string resourceVersion)
    {
        lock (_lock)
        {
            _seenVersion = Math.Max(_seenVersion, Parse(resourceVersion));
        }
    }

    private static ulong VersionOf(T item) => Parse(item.Metadata.ResourceVersion);

    /// <summary>Resource versions are comparable numbers since KEP-5504; anything else compares as oldest, which only costs the shortcut of <see cref="Observe"/>.</summary>
    private static ulong Parse(string? resourceVersion) =>
        ulong.TryParse(resourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    private void Apply(T item)
    {
        var key = ObjectKey.Of(item);
        if (_objects.TryGetValue(key, out var cached)
            && cached.Metadata.Uid == item.Metadata.Uid
            && (cached.Metadata.ResourceVersion == item.Metadata.ResourceVersion || VersionOf(cached) > VersionOf(item)))
        {
            return;
        }

        Set(key, item);
    }

    private void Set(ObjectKey key, T? current)
    {
        var previous = _objects.GetValueOrDefault(key);
        if (previous is null && current is null)
        {
            return;
        }

        if (current is null)
        {
            _objects.Remove(key);
        }
        else
        {
            _objects[key] = current;
        }

        foreach (var index in _indexes.Values)
        {
            index.Update(key, previous, current);
        }

        foreach (var handler in _handlers)
        {
            handler(new ResourceChange<T>(key, previous, current));
        }

        if (_waiters.TryGetValue(key, out var waiters))
        {
            foreach (var waiter in waiters)
            {
                waiter.Offer(current);
            }
        }
    }

    private void Forget(ObjectKey key, Waiter waiter)
    {
        lock (_lock)
        {
            if (_waiters.TryGetValue(key, out var waiters) && waiters.Remove(waiter) && waiters.Count == 0)
            {
                _waiters.Remove(key);
            }
        }
    }

    private sealed class Waiter(Func<T?, bool> predicate)
    {
        public TaskCompletionSource<T?> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Offer(T? current)
        {
            if (!Completion.Task.IsCompleted && predicate(current))
            {
                Completion.TrySetResult(current);
            }
        }
    }

    private sealed class Subscription(ResourceStore<T> store, Action<ResourceChange<T>> handler) : IDisposable
    {
        public void Dispose()
        {
            lock (store._lock)
            {
                store._handlers = [.. store._handlers.Where(other => other != handler)];
            }
        }
    }
}

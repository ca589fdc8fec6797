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
    private readonly ResourceWaiters<T> _waiters = new();
    private readonly HashSet<string> _deletedUids = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SeenVersion _seen = new();
    private Action<ResourceChange<T>>[] _handlers = [];

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
        ResourceWaiters<T>.Waiter waiter;
        lock (_lock)
        {
            var current = _objects.GetValueOrDefault(key);
            if (predicate(current))
            {
                return current;
            }

            waiter = _waiters.Add(key, predicate);
        }

        try
        {
            return await waiter.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                _waiters.Remove(key, waiter);
            }
        }
    }

    public void Observe(T written)
    {
        lock (_lock)
        {
            // What the watch has already passed it has reported, including a deletion that came after this write.
            var version = VersionOf(written);
            if (!_seen.Covers(version) && !_deletedUids.Contains(written.Metadata.Uid))
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

    /// <summary>Takes in a full list: reports what is new, what changed, and what vanished meanwhile. One from the past counts alone.</summary>
    /// <returns>Whether the cluster's state was restored to an earlier one.</returns>
    public bool Replace(IReadOnlyList<T> items, string resourceVersion)
    {
        bool restored;
        lock (_lock)
        {
            var listVersion = SeenVersion.Parse(resourceVersion);
            restored = _seen.IsAfter(listVersion);
            if (restored)
            {
                _deletedUids.Clear();
            }

            var listed = new HashSet<ObjectKey>(items.Count);
            var stillListed = new HashSet<string>();
            foreach (var item in items)
            {
                if (_deletedUids.Contains(item.Metadata.Uid))
                {
                    stillListed.Add(item.Metadata.Uid);
                    continue;
                }

                listed.Add(ObjectKey.Of(item));
                Apply(item, restored);
            }

            foreach (var (key, cached) in _objects.ToArray())
            {
                // An answer to our own write that is newer than the list is no leftover.
                if (!listed.Contains(key) && (restored || VersionOf(cached) <= listVersion))
                {
                    Set(key, null);
                }
            }

            _deletedUids.IntersectWith(stillListed);
            _seen.Set(listVersion);
        }

        _synced.TrySetResult();
        return restored;
    }

    /// <summary>Takes in an added or changed object from the watch.</summary>
    /// <returns>Whether it came in order. Otherwise the cluster's state was restored to an earlier one: list again.</returns>
    public bool Upsert(T item)
    {
        lock (_lock)
        {
            if (!_seen.TryAdvance(VersionOf(item)))
            {
                return false;
            }

            if (!_deletedUids.Contains(item.Metadata.Uid))
            {
                Apply(item);
            }

            return true;
        }
    }

    /// <summary>Takes in a deletion from the watch.</summary>
    public bool Remove(T item)
    {
        lock (_lock)
        {
            if (!_seen.TryAdvance(VersionOf(item)))
            {
                return false;
            }

            _deletedUids.Remove(item.Metadata.Uid);
            var key = ObjectKey.Of(item);
            if (_objects.TryGetValue(key, out var cached) && cached.Metadata.Uid == item.Metadata.Uid)
            {
                Set(key, null);
            }

            return true;
        }
    }

    /// <summary>Takes in a bookmark.</summary>
    public bool Advance(string resourceVersion)
    {
        lock (_lock)
        {
            return _seen.TryAdvance(SeenVersion.Parse(resourceVersion));
        }
    }

    private static ulong VersionOf(T item) => SeenVersion.Parse(item.Metadata.ResourceVersion);

    private void Apply(T item, bool evenIfOlder = false)
    {
        var key = ObjectKey.Of(item);
        if (!evenIfOlder
            && _objects.TryGetValue(key, out var cached)
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

        _waiters.Offer(key, current);
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

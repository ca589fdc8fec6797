using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;
using TKA.Contracts;
using TKA.Contracts.Orchestrator;

namespace TKA.Orchestrator.Registry;

/// <summary>The clusters as clients see them, in memory, with a feed of what changes.</summary>
/// <remarks>A heartbeat that changes nothing but <see cref="Cluster.LastSeen"/> is no change: neither a watcher nor an ETag sees it.</remarks>
internal sealed class ClusterView
{
    private const int KeptChanges = 4096;
    private const int MostWatchers = 1024;
    private const int ChangesPerWatcher = 512;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Queue<ClusterChange> _changes = new();
    private readonly HashSet<Channel<ClusterChange>> _watchers = [];
    private readonly string _epoch = RandomNumberGenerator.GetHexString(8, lowercase: true);
    private long _version;

    /// <summary>Clusters by name, and an ETag that changes when one of them does.</summary>
    /// <param name="selects">Which to take.</param>
    /// <param name="after">Only names after this one.</param>
    /// <param name="limit">At most so many.</param>
    public (IReadOnlyList<Cluster> Items, string? Continue, string ETag) List(Func<Cluster, bool> selects, string? after, int limit)
    {
        var items = new List<Cluster>();
        var hash = new HashCode();
        string? next = null;
        lock (_lock)
        {
            foreach (var (name, entry) in _entries)
            {
                if ((after is not null && string.CompareOrdinal(name, after) <= 0) || !selects(entry.Cluster))
                {
                    continue;
                }

                if (items.Count == limit)
                {
                    next = items[^1].Name;
                    break;
                }

                items.Add(entry.Cluster);
                hash.Add(name, StringComparer.Ordinal);
                hash.Add(entry.Version);
            }
        }

        hash.Add(next);
        return (items, next, $"W/\"{_epoch}-{hash.ToHashCode():x8}-{items.Count:x}\"");
    }

    /// <summary>One cluster, and an ETag of it.</summary>
    public (Cluster Cluster, string ETag)? Find(string name)
    {
        lock (_lock)
        {
            return _entries.TryGetValue(name, out var entry) ? (entry.Cluster, $"W/\"{_epoch}-{entry.Version:x}\"") : null;
        }
    }

    /// <summary>Adds or changes a cluster. What registered itself hides what was found on the tailnet under its name.</summary>
    public void Set(Cluster cluster)
    {
        lock (_lock)
        {
            SetLocked(cluster);
        }
    }

    /// <summary>Removes a cluster.</summary>
    public void Remove(string name)
    {
        lock (_lock)
        {
            RemoveLocked(name);
        }
    }

    /// <summary>Replaces all clusters of one <see cref="ClusterSource"/>.</summary>
    public void Reset(string source, IReadOnlyCollection<Cluster> clusters)
    {
        lock (_lock)
        {
            var names = clusters.Select(cluster => cluster.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var name in _entries.Where(entry => entry.Value.Cluster.Source == source && !names.Contains(entry.Key)).Select(entry => entry.Key).ToArray())
            {
                RemoveLocked(name);
            }

            foreach (var cluster in clusters)
            {
                SetLocked(cluster);
            }
        }
    }

    /// <summary>Changes from now on, or since an event that a client has seen.</summary>
    /// <param name="lastEventId">Id of the last event seen; <see langword="null"/>: none, so all clusters come first.</param>
    /// <returns><see langword="null"/>: there are too many watchers. Else what to send first, and what comes after.</returns>
    public ClusterSubscription? Subscribe(string? lastEventId)
    {
        lock (_lock)
        {
            if (_watchers.Count >= MostWatchers)
            {
                return null;
            }

            var first = Since(lastEventId) ?? All([.. _entries.Values.Select(entry => entry.Cluster)], Id(_version));
            var channel = Channel.CreateBounded<ClusterChange>(new BoundedChannelOptions(ChangesPerWatcher) { SingleReader = true });
            _watchers.Add(channel);
            return new ClusterSubscription(first, channel.Reader, () => Unsubscribe(channel));
        }
    }

    /// <summary>
    /// Tells every watcher how far it is. One that is interested in few clusters can resume from there, and a connection whose client is
    /// gone is found out and its place given to another.
    /// </summary>
    public void Bookmark()
    {
        lock (_lock)
        {
            Send(new ClusterChange(ClusterChange.Bookmark, null, Id(_version)));
        }
    }

    private static IEnumerable<ClusterChange> All(Cluster[] clusters, string id)
    {
        foreach (var cluster in clusters)
        {
            yield return new ClusterChange(ClusterChange.Added, cluster, id);
        }

        yield return new ClusterChange(ClusterChange.Synced, null, id);
    }

    private ClusterChange[]? Since(string? lastEventId)
    {
        if (lastEventId?.Split('-') is not [var epoch, var text] || epoch != _epoch
            || !long.TryParse(text, out var version) || version > _version || _version - version > _changes.Count)
        {
            return null;
        }

        return [.. _changes.Skip(_changes.Count - (int)(_version - version))];
    }

    private void Unsubscribe(Channel<ClusterChange> channel)
    {
        lock (_lock)
        {
            _watchers.Remove(channel);
        }
    }

    private void SetLocked(Cluster cluster)
    {
        _entries.TryGetValue(cluster.Name, out var old);
        if (old is not null && old.Cluster.Source == ClusterSource.Registered && cluster.Source != ClusterSource.Registered)
        {
            return;
        }

        // Texts and labels of a renewed registration are mostly the same objects; those that were read anew are compared by a hash of
        // what clients see. The whole text of 10,000 clusters would be most of this process.
        if (old is not null && (old.Cluster with { LastSeen = cluster.LastSeen }) == cluster)
        {
            _entries[cluster.Name] = old with { Cluster = cluster };
            return;
        }

        var content = Hash(cluster);
        if (old?.Content == content)
        {
            _entries[cluster.Name] = old with { Cluster = cluster };
            return;
        }

        Tell(old is null ? ClusterChange.Added : ClusterChange.Modified, cluster, old?.Cluster);
        _entries[cluster.Name] = new Entry(cluster, content, _version);
    }

    private static UInt128 Hash(Cluster cluster)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(cluster with { LastSeen = null }, ContractsJsonContext.Default.Cluster), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private void RemoveLocked(string name)
    {
        if (_entries.Remove(name, out var old))
        {
            Tell(ClusterChange.Removed, old.Cluster);
        }
    }

    private void Tell(string kind, Cluster cluster, Cluster? before = null)
    {
        var change = new ClusterChange(kind, cluster, Id(++_version)) { Before = before };
        _changes.Enqueue(change);
        if (_changes.Count > KeptChanges)
        {
            _changes.Dequeue();
        }

        Send(change);
    }

    private void Send(ClusterChange change)
    {
        // A watcher that does not keep up is ended; it comes back with the id of the last event it has seen.
        foreach (var watcher in _watchers.Where(watcher => !watcher.Writer.TryWrite(change)).ToArray())
        {
            watcher.Writer.TryComplete();
            _watchers.Remove(watcher);
        }
    }

    private string Id(long version) => $"{_epoch}-{version}";

    private sealed record Entry(Cluster Cluster, UInt128 Content, long Version);
}

/// <summary>Something that happened to a cluster.</summary>
/// <param name="Kind">Name of the event.</param>
/// <param name="Cluster">The cluster; of a removed one the last state; <see langword="null"/> for <see cref="Synced"/> and <see cref="Bookmark"/>.</param>
/// <param name="Id">To resume after it.</param>
internal sealed record ClusterChange(string Kind, Cluster? Cluster, string Id)
{
    public const string Added = "added";
    public const string Modified = "modified";
    public const string Removed = "removed";

    /// <summary>All clusters have been sent; what a client knows beyond them is gone.</summary>
    public const string Synced = "synced";

    /// <summary>Nothing happened.</summary>
    public const string Bookmark = "bookmark";

    /// <summary>The cluster as it was before; <see langword="null"/> for other kinds than <see cref="Modified"/>.</summary>
    public Cluster? Before { get; init; }
}

/// <summary>A watcher's feed; disposing it ends the subscription.</summary>
internal sealed class ClusterSubscription(IEnumerable<ClusterChange> first, ChannelReader<ClusterChange> next, Action end) : IDisposable
{
    private IEnumerable<ClusterChange>? _first = first;

    /// <summary>Takes what to send at once. A watch lives for days; it must not keep the clusters of its beginning.</summary>
    public IEnumerable<ClusterChange> TakeFirst() => Interlocked.Exchange(ref _first, null) ?? [];

    /// <summary>What comes after; completed when the watcher did not keep up.</summary>
    public ChannelReader<ClusterChange> Next => next;

    /// <inheritdoc/>
    public void Dispose() => end();
}

using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using TKA.Contracts;
using TKA.Contracts.Orchestrator;

namespace TKA.Orchestrator.Registry;

/// <summary>The clusters as clients see them, in memory, with a feed of what changes.</summary>
/// <remarks>A heartbeat that changes nothing but <see cref="Cluster.LastSeen"/> is no change: neither a watcher nor an ETag sees it.</remarks>
internal sealed class ClusterView
{
    /// <summary>More than there are clusters: when all change at once, because their heartbeats were kept away, every watcher is told.</summary>
    private const int KeptChanges = 16_384;
    private const int MostWatchers = 1024;
    private const int ChangesAtOnce = 128;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly ClusterChange?[] _changes = new ClusterChange[KeptChanges];
    private readonly string _epoch = RandomNumberGenerator.GetHexString(8, lowercase: true);
    private TaskCompletionSource _news = NewSignal();
    private int _watchers;
    private long _version;
    private long _bookmarks;
    private bool _signal;

    /// <summary>All clusters, for the watchers that begin now: after a restart all of them do, and a list for each would not fit.</summary>
    private Cluster[]? _all;

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
            SignalLocked();
        }
    }

    /// <summary>Removes a cluster.</summary>
    public void Remove(string name)
    {
        lock (_lock)
        {
            RemoveLocked(name);
            SignalLocked();
        }
    }

    /// <summary>Replaces all clusters of one <see cref="ClusterSource"/>.</summary>
    public void Reset(string source, IReadOnlyCollection<Cluster> clusters)
    {
        lock (_lock)
        {
            _all = null;
            var names = clusters.Select(cluster => cluster.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var name in _entries.Where(entry => entry.Value.Cluster.Source == source && !names.Contains(entry.Key)).Select(entry => entry.Key).ToArray())
            {
                RemoveLocked(name);
            }

            foreach (var cluster in clusters)
            {
                SetLocked(cluster);
            }

            SignalLocked();
        }
    }

    /// <summary>Changes from now on, or since an event that a client has seen.</summary>
    /// <param name="lastEventId">Id of the last event seen; <see langword="null"/>: none, so all clusters come first.</param>
    /// <returns><see langword="null"/>: there are too many watchers. Else what to send first, and what comes after.</returns>
    public ClusterSubscription? Subscribe(string? lastEventId)
    {
        lock (_lock)
        {
            if (_watchers == MostWatchers)
            {
                return null;
            }

            _watchers++;
            return VersionOf(lastEventId) is { } version
                ? new ClusterSubscription(this, [], version, _bookmarks)
                : new ClusterSubscription(this, All(_all ??= [.. _entries.Values.Select(entry => entry.Cluster)], Id(_version)), _version, _bookmarks);
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
            _bookmarks++;
            _signal = true;
            SignalLocked();
        }
    }

    private static IEnumerable<ClusterChange> All(Cluster[] clusters, string id)
    {
        foreach (var cluster in clusters)
        {
            yield return new ClusterChange(ClusterEvents.Added, cluster, id);
        }

        yield return new ClusterChange(ClusterEvents.Synced, null, id);
    }

    /// <summary>What comes after a change, as soon as there is something.</summary>
    /// <param name="position">The version that the watcher is at.</param>
    /// <param name="bookmark">The last bookmark that it has been told.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns><see langword="null"/>: so much has changed since that not all of it is known any more.</returns>
    internal async Task<(IReadOnlyList<ClusterChange> Changes, long Position, long Bookmark)?> NextAsync(long position, long bookmark, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task news;
            lock (_lock)
            {
                if (_version - position > KeptChanges)
                {
                    return null;
                }

                if (_version > position)
                {
                    var changes = new ClusterChange[(int)Math.Min(_version - position, ChangesAtOnce)];
                    for (var i = 0; i < changes.Length; i++)
                    {
                        changes[i] = _changes[(position + 1 + i) % KeptChanges]!;
                    }

                    return (changes, position + changes.Length, bookmark);
                }

                if (_bookmarks > bookmark)
                {
                    return ([new ClusterChange(ClusterEvents.Bookmark, null, Id(position))], position, _bookmarks);
                }

                news = _news.Task;
            }

            await news.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A watcher ends.</summary>
    internal void Unsubscribe()
    {
        lock (_lock)
        {
            _watchers--;
        }
    }

    private long? VersionOf(string? eventId) =>
        eventId?.Split('-') is [var epoch, var text] && epoch == _epoch
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version <= _version && _version - version <= KeptChanges
            ? version
            : null;

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

        Tell(old is null ? ClusterEvents.Added : ClusterEvents.Modified, cluster, old?.Cluster);
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
            Tell(ClusterEvents.Removed, old.Cluster);
        }
    }

    private void Tell(string kind, Cluster cluster, Cluster? before = null)
    {
        _all = null;
        _version++;
        _changes[_version % KeptChanges] = new ClusterChange(kind, cluster, Id(_version)) { Before = before };
        _signal = true;
    }

    /// <summary>Wakes the watchers, once for all changes of a pass.</summary>
    private void SignalLocked()
    {
        if (!_signal)
        {
            return;
        }

        _signal = false;
        var news = _news;
        _news = NewSignal();
        news.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string Id(long version) => $"{_epoch}-{version}";

    private sealed record Entry(Cluster Cluster, UInt128 Content, long Version);
}

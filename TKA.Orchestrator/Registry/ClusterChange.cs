using TKA.Contracts.Orchestrator;

namespace TKA.Orchestrator.Registry;

/// <summary>Something that happened to a cluster.</summary>
/// <param name="Kind">One of <see cref="ClusterEvents"/>.</param>
/// <param name="Cluster">The cluster; of a removed one the last state; <see langword="null"/> for <see cref="ClusterEvents.Synced"/> and <see cref="ClusterEvents.Bookmark"/>.</param>
/// <param name="Id">To resume after it.</param>
internal sealed record ClusterChange(string Kind, Cluster? Cluster, string Id)
{
    /// <summary>The cluster as it was before; <see langword="null"/> for other kinds than <see cref="ClusterEvents.Modified"/>.</summary>
    public Cluster? Before { get; init; }
}

/// <summary>
/// A watcher's place in the changes, which all watchers share: one that is slow costs no memory. Disposing it makes room for another.
/// </summary>
/// <param name="view">The clusters.</param>
/// <param name="first">What to send at once.</param>
/// <param name="position">The version that this is the state of.</param>
/// <param name="bookmark">The last bookmark before.</param>
internal sealed class ClusterSubscription(ClusterView view, IEnumerable<ClusterChange> first, long position, long bookmark) : IDisposable
{
    private IEnumerable<ClusterChange>? _first = first;
    private long _position = position;
    private long _bookmark = bookmark;
    private bool _isOver;

    /// <summary>Takes what to send at once. A watch lives for days; it must not keep the clusters of its beginning.</summary>
    public IEnumerable<ClusterChange> TakeFirst() => Interlocked.Exchange(ref _first, null) ?? [];

    /// <summary>What comes after, as soon as there is something; <see langword="null"/>: the watcher is too far behind, and has to begin anew.</summary>
    public async Task<IReadOnlyList<ClusterChange>?> NextAsync(CancellationToken cancellationToken)
    {
        if (await view.NextAsync(_position, _bookmark, cancellationToken) is not { } next)
        {
            return null;
        }

        (_position, _bookmark) = (next.Position, next.Bookmark);
        return next.Changes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _isOver, true))
        {
            view.Unsubscribe();
        }
    }
}

using System.Collections.Concurrent;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Controllers;

/// <summary>Events live for an hour after their last write, as with the API server's default <c>--event-ttl</c>.</summary>
internal sealed class EventExpiry(ObjectStore store, TimeProvider time)
{
    /// <summary>How long an event lives.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly GroupResource Events = new("", "events");
    private readonly ConcurrentQueue<(StoredObject Written, DateTimeOffset Due)> _writes = new();

    /// <summary>Takes note of a write; called by the store in order, with its lock held.</summary>
    public void Observe(GroupResource resource, ObjectEvent change)
    {
        if (resource == Events && change.Type != ChangeType.Deleted)
        {
            _writes.Enqueue((change.Current, time.GetUtcNow() + Lifetime));
        }
    }

    /// <summary>Works until stopped.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                RemoveExpired();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private void RemoveExpired()
    {
        var now = time.GetUtcNow();
        while (_writes.TryPeek(out var oldest) && oldest.Due <= now && _writes.TryDequeue(out oldest))
        {
            // Nothing happens when the event was written again since: that write is further back in the queue.
            store.Remove(Events, oldest.Written);
        }
    }
}

using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using TKA.Contracts.Orchestrator;
using TKA.Orchestrator.Problems;
using TKA.Orchestrator.Registry;
using TKA.ServiceDefaults.Problems;

namespace TKA.Orchestrator.Endpoints;

/// <summary>
/// <c>?watch=true</c>: server-sent events <c>added</c>, <c>modified</c>, <c>removed</c> with the cluster, and <c>synced</c> when all
/// clusters have been sent; now and then <c>bookmark</c>. A client that comes back with <c>Last-Event-ID</c> gets what it missed, or everything anew when this
/// replica does not know that any more.
/// </summary>
internal static class ClusterWatch
{
    public static IResult Start(HttpContext context, ClusterView view, Func<Cluster, bool> selects)
    {
        if (view.Subscribe(context.Request.Headers["Last-Event-ID"]) is not { } subscription)
        {
            return new ProblemResult(OrchestratorProblems.TooManyWatchers);
        }

        context.Response.RegisterForDispose(subscription);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.ServerSentEvents(EventsAsync(context.Response, subscription, selects, context.RequestAborted));
    }

    private static async IAsyncEnumerable<SseItem<Cluster?>> EventsAsync(
        HttpResponse response, ClusterSubscription subscription, Func<Cluster, bool> selects, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A client that missed nothing gets the headers now, not with the first change.
        await response.Body.FlushAsync(cancellationToken);
        foreach (var change in subscription.TakeFirst().Select(change => Seen(change, selects)).OfType<ClusterChange>())
        {
            yield return Item(change);
        }

        while (await subscription.NextAsync(cancellationToken) is { } changes)
        {
            foreach (var change in changes)
            {
                if (Seen(change, selects) is { } seen)
                {
                    yield return Item(seen);
                }
            }
        }
    }

    /// <summary>A change as a watcher of some clusters sees it: one that begins to be selected is new to it, one that ceases to be is gone.</summary>
    private static ClusterChange? Seen(ClusterChange change, Func<Cluster, bool> selects)
    {
        if (change.Cluster is null)
        {
            return change;
        }

        var (before, now) = (change.Before is { } old && selects(old), selects(change.Cluster));
        return change.Kind != ClusterEvents.Modified ? (now ? change : null)
            : (before, now) switch
            {
                (true, true) => change,
                (false, true) => change with { Kind = ClusterEvents.Added },
                (true, false) => change with { Kind = ClusterEvents.Removed },
                _ => null,
            };
    }

    private static SseItem<Cluster?> Item(ClusterChange change) => new(change.Cluster, change.Kind) { EventId = change.Id };
}

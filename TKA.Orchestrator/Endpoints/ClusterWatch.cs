using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using TKA.Contracts.Orchestrator;
using TKA.Orchestrator.Problems;
using TKA.Orchestrator.Registry;
using TKA.ServiceDefaults.Problems;

namespace TKA.Orchestrator.Endpoints;

/// <summary>
/// <c>?watch=true</c>: server-sent events <c>added</c>, <c>modified</c>, <c>removed</c> with the cluster, and <c>synced</c> when all
/// clusters have been sent. A client that comes back with <c>Last-Event-ID</c> gets what it missed, or everything anew when this
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
        return TypedResults.ServerSentEvents(EventsAsync(subscription, selects, context.RequestAborted));
    }

    private static async IAsyncEnumerable<SseItem<Cluster?>> EventsAsync(
        ClusterSubscription subscription, Func<Cluster, bool> selects, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var change in subscription.TakeFirst().Where(change => change.Cluster is null || selects(change.Cluster)))
        {
            yield return Item(change);
        }

        await foreach (var change in subscription.Next.ReadAllAsync(cancellationToken))
        {
            if (selects(change.Cluster!))
            {
                yield return Item(change);
            }
            else if (change.Kind == ClusterChange.Modified)
            {
                // Its labels may have matched before.
                yield return Item(change with { Kind = ClusterChange.Removed });
            }
        }
    }

    private static SseItem<Cluster?> Item(ClusterChange change) => new(change.Cluster, change.Kind) { EventId = change.Id };
}

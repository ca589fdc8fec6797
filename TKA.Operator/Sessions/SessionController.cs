using Microsoft.Extensions.Options;
using TKA.Kubernetes.Client;
using TKA.Operator.Ledger;
using TKA.Operator.Options;
using TKA.Operator.Runtime.Controllers;
using TKA.Operator.Runtime.Queues;
using TKA.Operator.Sessions.Expiry;

namespace TKA.Operator.Sessions;

/// <summary>Manages all sessions while this replica leads: one queue, filled by the caches and the calendar, and the workers that reconcile what is in it.</summary>
internal sealed class SessionController(
    SessionChanges changes,
    SessionReconciler reconciler,
    SessionRules rules,
    ISessionLedger ledger,
    IOptions<OperatorOptions> options,
    WorkQueueOptions queueOptions,
    ControllerMetrics metrics,
    ClusterTime time,
    ILogger<SessionController> logger)
{
    /// <summary>Runs until the lead is lost, or until a stopping operator has drained.</summary>
    /// <param name="lost">The lead is lost: the workers stop at once.</param>
    /// <param name="stopping">The operator stops: the workers finish what they have begun, within the drain timeout.</param>
    public async Task RunAsync(CancellationToken lost, CancellationToken stopping)
    {
        using var queue = new WorkQueue<string>(time, queueOptions with { Workers = options.Value.Workers });
        using var calendar = new ExpiryCalendar(time, name => queue.Add(name, QueuePriority.Urgent));
        Log.Started(logger, changes.Sessions);
        using var feeding = changes.Feed(queue, calendar);
        ledger.Replay();
        rules.WarnOfMissing();

        using var cutOff = CancellationTokenSource.CreateLinkedTokenSource(lost);
        await using var closing = stopping.Register(() =>
        {
            queue.Close();
            cutOff.CancelAfter(options.Value.DrainTimeout);
        });
        try
        {
            await new Controller<string>(queue, reconciler, metrics, time, logger).RunAsync(options.Value.Workers, cutOff.Token);
        }
        catch (OperationCanceledException) when (cutOff.IsCancellationRequested)
        {
            // The lead is lost, or the drain timeout has passed.
        }
    }
}

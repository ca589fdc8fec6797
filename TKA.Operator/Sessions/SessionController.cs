using System.Diagnostics.Metrics;
using k8s.Models;
using Microsoft.Extensions.Options;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Ledger;
using TKA.Operator.Options;
using TKA.Operator.Runtime.Controllers;
using TKA.Operator.Runtime.LeaderElection;
using TKA.Operator.Runtime.Queues;
using TKA.Operator.Sessions.Access;
using TKA.Operator.Sessions.Expiry;
using TKA.Operator.Telemetry;

namespace TKA.Operator.Sessions;

/// <summary>Manages all sessions while this replica leads: fills the queue from the caches and the calendar, and reconciles what is in it.</summary>
internal sealed class SessionController(
    IResourceCache<TkaSignin> signins,
    SessionInventory inventory,
    SessionReconciler reconciler,
    SessionReporter report,
    SessionRules rules,
    RefusalMemory refusals,
    PolicyProof policies,
    ISessionLedger ledger,
    IEnumerable<IInformer> informers,
    ResourceClient<V1Lease> leases,
    IOptions<OperatorOptions> options,
    LeaderElectionOptions election,
    WorkQueueOptions queueOptions,
    OperatorMetrics metrics,
    ControllerMetrics controllerMetrics,
    ClusterTime time,
    ILogger<SessionController> logger) : BackgroundService
{
    private LeaderElector? _elector;

    /// <summary>Whether this replica reconciles.</summary>
    public bool IsLeading { get; private set; }

    /// <summary>Identity of the replica that does, as far as known.</summary>
    public string Leader => _elector?.Leader ?? "";

    /// <summary>Why this replica can neither lead nor see another replica lead; <see langword="null"/>: a replica leads.</summary>
    public string? Outage => _elector?.Outage;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.WatchSessions(CountActive, CountOverdue);
        if (options.Value.LeaderElection)
        {
            _elector = new LeaderElector(leases, election, time, logger);
            var electing = _elector.RunAsync(LeadAsync, stoppingToken);
            var standBy = policies.StandByAsync(() => _elector.IsLeader, stoppingToken);
            if (await Task.WhenAny(electing, standBy) == standBy && !stoppingToken.IsCancellationRequested)
            {
                // It has failed, which ends the process.
                await standBy;
            }

            // A stopping leader drains and gives the lease back; the host waits for that.
            await electing;
        }
        else
        {
            await LeadAsync(CancellationToken.None, stoppingToken);
        }
    }

    private async Task LeadAsync(CancellationToken lost, CancellationToken stopping)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(lost, stopping);
        try
        {
            // Absence means nothing before every cache is filled: acting earlier would revoke access of sessions that live.
            // An operator that its admission policies do not bind could bind any role whose rules it holds, its own included.
            await Task.WhenAll([policies.WaitAsync(stop.Token), .. informers.Select(informer => informer.WaitForSyncAsync(stop.Token))]);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        IsLeading = true;
        using var queue = new WorkQueue<string>(time, queueOptions);
        using var calendar = new ExpiryCalendar(time, name => queue.Add(name, QueuePriority.Urgent));
        Log.Started(logger, signins.Count);
        using var signinChanges = signins.Subscribe(change => Take(change, queue, calendar));
        using var objectChanges = inventory.Subscribe(session => queue.Add(session));
        using var roleChanges = rules.Subscribe(role => Retry(role, queue));
        ledger.Replay();
        rules.WarnOfMissing();
        var policyChecks = policies.RunAsync(stop.Token);

        // A stopping operator lets its workers finish within the drain timeout. One that has lost the lead stops them at once.
        using var cutOff = CancellationTokenSource.CreateLinkedTokenSource(lost);
        await using var closing = stopping.Register(() =>
        {
            queue.Close();
            cutOff.CancelAfter(options.Value.DrainTimeout);
        });
        try
        {
            await new Controller<string>(queue, reconciler, controllerMetrics, time, logger).RunAsync(options.Value.Workers, cutOff.Token);
        }
        catch (OperationCanceledException) when (cutOff.IsCancellationRequested)
        {
            // The lead is lost, or the drain timeout has passed.
        }
        finally
        {
            IsLeading = false;
            await stop.CancelAsync();
            await policyChecks.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A role was created or deleted: sessions that ask for it are reconciled again.</summary>
    private void Retry(string role, WorkQueue<string> queue)
    {
        foreach (var signin in signins.List().Where(signin => signin.Spec.Role == role))
        {
            refusals.Forget(signin.Metadata.Name);
            queue.Add(signin.Metadata.Name);
        }
    }

    private void Take(ResourceChange<TkaSignin> change, WorkQueue<string> queue, ExpiryCalendar calendar)
    {
        var name = change.Key.Name;
        if (change.Current is not { } signin)
        {
            calendar.Remove(name);
            queue.Add(name);
            return;
        }

        var now = time.GetUtcNow();
        var window = SessionWindow.Of(signin, now);
        if (signin.Metadata.DeletionTimestamp is not null || window.IsOver(now))
        {
            queue.Add(name, QueuePriority.Urgent);
            return;
        }

        calendar.Set(name, window.End);
        if (!signin.IsReady())
        {
            report.Asked(name);
        }

        queue.Add(name);
    }

    private IEnumerable<Measurement<int>> CountActive() =>
        signins.List()
            .Where(signin => signin.IsReady())
            .CountBy(signin => signin.Spec.Role)
            .Select(role => new Measurement<int>(role.Value, new KeyValuePair<string, object?>("cluster_role", role.Key)));

    private int CountOverdue()
    {
        var now = time.GetUtcNow();
        return signins.List().Count(signin => SessionWindow.Of(signin, now).IsOver(now));
    }
}

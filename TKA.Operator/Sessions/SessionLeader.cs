using k8s.Models;
using Microsoft.Extensions.Options;
using TKA.Kubernetes.Client;
using TKA.Operator.Options;
using TKA.Operator.Runtime.LeaderElection;
using TKA.Operator.Sessions.Access;
using TKA.Operator.Sessions.Leaving;

namespace TKA.Operator.Sessions;

/// <summary>Decides when this replica manages the sessions: while it has the Lease, its caches are filled and the admission policies bind it.</summary>
internal sealed class SessionLeader(
    SessionController controller,
    PolicyProof policies,
    LeavingGuard leaving,
    LeadPreconditions preconditions,
    ResourceClient<V1Lease> leases,
    LeaderElectionOptions election,
    IOptions<OperatorOptions> options,
    ClusterTime time,
    ILogger<SessionLeader> logger) : BackgroundService
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
        if (!options.Value.LeaderElection)
        {
            await LeadAsync(CancellationToken.None, stoppingToken);
            return;
        }

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

    private async Task LeadAsync(CancellationToken lost, CancellationToken stopping)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(lost, stopping);
        try
        {
            await preconditions.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        IsLeading = true;
        var policyChecks = Task.WhenAll(policies.RunAsync(stop.Token), leaving.RunAsync(stop.Token));
        try
        {
            await controller.RunAsync(lost, stopping);
        }
        finally
        {
            IsLeading = false;
            await stop.CancelAsync();
            await policyChecks.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

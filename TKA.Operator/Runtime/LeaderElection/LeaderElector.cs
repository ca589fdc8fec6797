using k8s.Models;
using TKA.Kubernetes.Client;

namespace TKA.Operator.Runtime.LeaderElection;

/// <summary>
/// Lets one replica lead at a time, by a Lease. Only time observed here counts, never another clock's timestamps. As with every
/// lease, two leaders for a moment cannot be ruled out: what a leader does must be safe when two do it.
/// </summary>
internal sealed class LeaderElector(ResourceClient<V1Lease> leases, LeaderElectionOptions options, TimeProvider time, ILogger logger)
{
    private V1Lease? _seen;
    private long _seenAt;
    private DateTimeOffset _seenAtWall;
    private long _answeredAt = time.GetTimestamp();
    private string? _failure;

    /// <summary>Whether this replica leads.</summary>
    public bool IsLeader { get; private set; }

    /// <summary>Identity of the leader last seen; empty: none.</summary>
    public string Leader => _seen?.Spec?.HolderIdentity ?? "";

    /// <summary>
    /// Why the Lease has been held by no replica, as far as this replica can tell, for longer than the lease duration; <see langword="null"/>:
    /// a replica holds it, or that time has not passed. Without a holder no replica starts or ends sessions.
    /// </summary>
    public string? Outage => _failure is { } failure && time.GetElapsedTime(_answeredAt) is var silent && silent > options.LeaseDuration
        ? $"the lease could be neither taken nor seen with another replica for {silent.TotalSeconds:0} s. {failure}"
        : null;

    /// <summary>
    /// Waits to become leader, then runs the work until leadership is lost, and starts over. Ends with the token: the work is
    /// asked to finish and the Lease is released.
    /// </summary>
    /// <param name="lead">
    /// The leader's work. The first token fires when leadership is lost: stop at once. The second fires when the process is to
    /// stop: finish what is under way, then return.
    /// </param>
    /// <param name="stoppingToken">Ends the election.</param>
    public async Task RunAsync(Func<CancellationToken, CancellationToken, Task> lead, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            if (!await AcquireAsync(stoppingToken))
            {
                return;
            }

            IsLeader = true;
            Log.BecameLeader(logger, options.Identity);
            using var lost = new CancellationTokenSource();
            var work = RunLeaderAsync(lead, lost.Token, stoppingToken);
            try
            {
                await RenewWhileAsync(work);
            }
            finally
            {
                IsLeader = false;
                await lost.CancelAsync();
            }

            // An exception of the work ends the process: a leader that does nothing is worse than none.
            await work;
            if (stoppingToken.IsCancellationRequested)
            {
                await ReleaseAsync();
                return;
            }

            Log.LostLeadership(logger, options.Identity);
        }
    }

    private static async Task RunLeaderAsync(Func<CancellationToken, CancellationToken, Task> lead, CancellationToken lost, CancellationToken stopping)
    {
        try
        {
            await lead(lost, stopping);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            // Cut off as asked.
        }
    }

    private async Task<bool> AcquireAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                if (await TryClaimAsync(stoppingToken))
                {
                    return true;
                }

                await Task.Delay(UntilNextTry(), time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    /// <summary>The retry period, or the rest of the other's lease if that is shorter: a stand-by takes over at its end, not later.</summary>
    private TimeSpan UntilNextTry()
    {
        var rest = _seen is { } lease ? DurationOf(lease) - SinceSeen() : options.RetryPeriod;
        return rest > TimeSpan.Zero && rest < options.RetryPeriod ? rest : options.RetryPeriod;
    }

    /// <summary>Renews until the work ends by itself, or renewing has failed for too long.</summary>
    private async Task RenewWhileAsync(Task work)
    {
        while (true)
        {
            using var wait = new CancellationTokenSource();
            var pause = Task.Delay(options.RetryPeriod, time, wait.Token);
            if (await Task.WhenAny(work, pause) == work)
            {
                await wait.CancelAsync();
                return;
            }

            // Checked before asking: after a suspended machine wakes, others may lead already.
            if (SinceSeen() >= options.RenewDeadline)
            {
                return;
            }

            using var deadline = new CancellationTokenSource(options.RenewDeadline - SinceSeen(), time);
            try
            {
                if (!await TryClaimAsync(deadline.Token) && (_seen is null || !LeaseRecord.IsHeldBy(_seen, options.Identity)))
                {
                    return;
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (SinceSeen() >= options.RenewDeadline)
            {
                return;
            }
        }
    }

    /// <summary>Takes or renews the Lease if it is ours, free or run out. Failures of the API count as "not now".</summary>
    private async Task<bool> TryClaimAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_seen is null || !LeaseRecord.IsHeldBy(_seen, options.Identity))
            {
                var current = await leases.TryGetAsync(options.Name, cancellationToken);
                if (current is null)
                {
                    See(await leases.CreateAsync(LeaseRecord.Claim(null, options, time.GetUtcNow()), cancellationToken));
                    Answered();
                    return true;
                }

                if (_seen is null || _seen.Metadata.ResourceVersion != current.Metadata.ResourceVersion)
                {
                    See(current);
                }

                if (!LeaseRecord.IsHeldBy(current, options.Identity) && !LeaseRecord.IsFree(current) && SinceSeen() < DurationOf(current))
                {
                    Answered();
                    return false;
                }
            }

            See(await leases.ReplaceAsync(LeaseRecord.Claim(_seen, options, time.GetUtcNow()), cancellationToken));
            Answered();
            return true;
        }
        catch (KubernetesRequestException exception) when (exception.Error is KubernetesError.Conflict or KubernetesError.AlreadyExists or KubernetesError.NotFound)
        {
            // Somebody wrote it, or removed it: look at it afresh. The time of our last renewal still counts.
            return await ReadAgainAsync(cancellationToken);
        }
        catch (KubernetesRequestException exception)
        {
            _failure = exception.Message;
            Log.LeaseFailed(logger, exception.Message);
            return false;
        }
    }

    private async Task<bool> ReadAgainAsync(CancellationToken cancellationToken)
    {
        try
        {
            var current = await leases.TryGetAsync(options.Name, cancellationToken);
            Answered();
            if (current is null)
            {
                // Deleted by hand: no replica holds it, and this one is no longer named in it.
                _seen = null;
                return false;
            }

            if (LeaseRecord.IsHeldBy(current, options.Identity) && IsLeader)
            {
                // Our own write whose answer got lost, or a harmless edit: renew on top of it next time.
                _seen = current;
                return false;
            }

            See(current);
        }
        catch (KubernetesRequestException exception)
        {
            _failure = exception.Message;
            Log.LeaseFailed(logger, exception.Message);
        }

        return false;
    }

    private async Task ReleaseAsync()
    {
        try
        {
            // Not cancellable: the process is stopping, and the request has a deadline of its own.
            if (_seen is not null && LeaseRecord.IsHeldBy(_seen, options.Identity))
            {
                await leases.ReplaceAsync(LeaseRecord.Release(_seen, time.GetUtcNow()), CancellationToken.None);
            }
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.Conflict)
        {
            await ReleaseLatestAsync();
        }
        catch (KubernetesRequestException exception)
        {
            Log.LeaseFailed(logger, exception.Message);
        }
    }

    /// <summary>A renewal of our own whose answer we did not wait for: still ours, and others need not wait for it to run out.</summary>
    private async Task ReleaseLatestAsync()
    {
        try
        {
            if (await leases.TryGetAsync(options.Name, CancellationToken.None) is { } current && LeaseRecord.IsHeldBy(current, options.Identity))
            {
                await leases.ReplaceAsync(LeaseRecord.Release(current, time.GetUtcNow()), CancellationToken.None);
            }
        }
        catch (KubernetesRequestException exception)
        {
            Log.LeaseFailed(logger, exception.Message);
        }
    }

    private void See(V1Lease lease)
    {
        _seen = lease;
        _seenAt = time.GetTimestamp();
        _seenAtWall = time.GetUtcNow();
    }

    /// <summary>This replica has written the Lease, or seen that another holds it.</summary>
    private void Answered()
    {
        _answeredAt = time.GetTimestamp();
        _failure = null;
    }

    /// <summary>Since the Lease last changed. The larger of monotonic and wall-clock time: the former stands still while a machine is suspended.</summary>
    private TimeSpan SinceSeen()
    {
        var monotonic = time.GetElapsedTime(_seenAt);
        var wall = time.GetUtcNow() - _seenAtWall;
        return wall > monotonic ? wall : monotonic;
    }

    private TimeSpan DurationOf(V1Lease lease) =>
        lease.Spec?.LeaseDurationSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : options.LeaseDuration;
}

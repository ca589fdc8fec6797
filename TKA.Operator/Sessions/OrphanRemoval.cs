using TKA.Kubernetes;
using TKA.Kubernetes.Client;
using TKA.Operator.Health;
using TKA.Operator.Runtime.Controllers;
using TKA.Operator.Sessions.Access;
using TKA.ServiceDefaults.Health;

namespace TKA.Operator.Sessions;

/// <summary>Removes what is left of a session without a TkaSignin: the remaining objects of one that was force-deleted must not give access.</summary>
internal sealed class OrphanRemoval(
    SessionInventory inventory,
    CacheLag lag,
    RefusalMemory refusals,
    SessionQuota quota,
    OngoingFailures failures,
    AccessRevoker revoker,
    SessionReporter report,
    ILogger<OrphanRemoval> logger)
{
    private static readonly TimeSpan CacheLagInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Removes it, once the cluster has said that there is no TkaSignin.</summary>
    /// <exception cref="KubernetesRequestException">A request failed.</exception>
    /// <exception cref="AggregateException">Several did.</exception>
    public async Task<ReconcileResult> RemoveAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var session = key.Name;
        lag.Forget(session);
        refusals.Forget(session);
        quota.Release(session);
        var access = inventory.Of(session);
        if (access.IsEmpty)
        {
            failures.Remove(SessionFailures.Sessions, session);
            return ReconcileResult.Done;
        }

        // The cache may lag behind another replica that has just started this session: revoking needs certainty.
        if (await lag.RefreshAsync(key, cancellationToken))
        {
            return ReconcileResult.After(CacheLagInterval);
        }

        Log.RemovingOrphans(logger, session);
        await revoker.RevokeAsync(access, cancellationToken);
        report.Vanished(session, access);
        return ReconcileResult.Done;
    }
}

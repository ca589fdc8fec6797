using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Ledger;
using TKA.Operator.Runtime.Controllers;
using TKA.Operator.Sessions.Access;

namespace TKA.Operator.Sessions;

/// <summary>Takes access away: all of it when a session is over, a part when a session no longer asks for it.</summary>
internal sealed class SessionTeardown(
    SessionInventory inventory, AccessRevoker revoker, SigninFinalizer finalizer, SigninStatusWriter status, SessionReporter report, ISessionLedger ledger)
{
    /// <summary>How soon to come back for the TkaSignin of a session that is over and that the ledger has not kept yet.</summary>
    private static readonly TimeSpan LedgerLagInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Revokes everything, then lets the TkaSignin go once the ledger keeps what there is to say about the session.</summary>
    /// <exception cref="KubernetesRequestException">A request failed.</exception>
    /// <exception cref="AggregateException">Several did.</exception>
    public async Task<ReconcileResult> EndAsync(TkaSignin signin, SessionWindow window, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var access = inventory.Of(signin.Metadata.Name);
        await RevokeAsync(signin, access, cancellationToken);
        report.Revoked(signin, window, window.IsOver(now) ? SessionEndings.Expired : SessionEndings.Ended, access);
        if (!ledger.IsKept(signin.Metadata.Uid))
        {
            return ReconcileResult.After(LedgerLagInterval);
        }

        if (signin.Metadata.DeletionTimestamp is null)
        {
            await finalizer.DeleteAsync(signin, cancellationToken);
        }
        else
        {
            await finalizer.ReleaseAsync(signin, signin.Metadata);
        }

        return ReconcileResult.Done;
    }

    /// <summary>Revokes a part of a session's access, or all of it, and tells where that fails.</summary>
    /// <exception cref="KubernetesRequestException">A request failed.</exception>
    /// <exception cref="AggregateException">Several did.</exception>
    public async Task RevokeAsync(TkaSignin signin, SessionAccess access, CancellationToken cancellationToken)
    {
        try
        {
            await revoker.RevokeAsync(access, cancellationToken);
        }
        catch (Exception exception) when (exception is AggregateException or KubernetesRequestException)
        {
            report.RevocationFailed(signin, exception.Message);
            await status.TryFailedAsync(signin, ConditionReasons.RevocationFailed, $"revoking access failed and is tried again: {exception.Message}", cancellationToken);
            throw;
        }
    }
}

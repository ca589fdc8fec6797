using System.Diagnostics;
using Microsoft.Extensions.Options;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Health;
using TKA.Operator.Ledger;
using TKA.Operator.Options;
using TKA.Operator.Runtime.Controllers;
using TKA.Operator.Sessions.Access;
using TKA.ServiceDefaults.Health;

namespace TKA.Operator.Sessions;

/// <summary>
/// One pass over one session: compares the TkaSignin with what exists and does what is missing. Everything it needs is in the
/// cluster, so a pass may follow any other, also one that a crash cut short.
/// </summary>
internal sealed class SessionReconciler(
    KubernetesTransport transport,
    IResourceCache<TkaSignin> cache,
    SessionInventory inventory,
    CacheLag lag,
    AccessProvisioner provisioner,
    ProvisioningProgress progress,
    AccessRevoker revoker,
    SigninStatusWriter status,
    SigninFinalizer finalizer,
    SessionRules rules,
    SessionQuota quota,
    RefusalMemory refusals,
    OngoingFailures failures,
    SessionReporter report,
    ISessionLedger ledger,
    IOptions<OperatorOptions> options,
    ClusterTime time,
    ILogger<SessionReconciler> logger) : IReconciler<string>
{
    /// <summary>How soon to come back for the TkaSignin of a session that is over and that the ledger has not kept yet.</summary>
    private static readonly TimeSpan LedgerLagInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>How often a namespace of the grant that is missing is looked for.</summary>
    private static readonly TimeSpan RecheckInterval = TimeSpan.FromSeconds(30);

    /// <summary>Passes within this time of the sign-in belong to the login's trace; a recheck hours later does not.</summary>
    private static readonly TimeSpan LoginTrace = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public ActivityContext ParentOf(string key) =>
        cache.Get(Key(key)) is { Metadata: { Annotations: { } annotations, CreationTimestamp: { } created } }
        && time.GetUtcNow() - created < LoginTrace
        && annotations.TryGetValue(TkaAnnotations.TraceParent, out var traceParent)
        && ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent)
            ? parent
            : default;

    /// <inheritdoc/>
    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await PassAsync(key, cancellationToken);
        }
        catch (Exception exception) when (exception is KubernetesRequestException or AggregateException)
        {
            failures.Add(SessionFailures.Sessions, key, exception.Message);
            throw;
        }
    }

    private async Task<ReconcileResult> PassAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return cache.Get(Key(key)) is { } signin
                ? await ReconcileAsync(signin, cancellationToken)
                : await RemoveOrphansAsync(key, cancellationToken);
        }
        catch (KubernetesRequestException exception) when (exception.Error is KubernetesError.Conflict or KubernetesError.NotFound)
        {
            // The cache lags behind, or another client was faster. Reading the object makes the next pass certain to know better,
            // also when the watch does not deliver.
            await lag.RefreshAsync(Key(key), cancellationToken);
            throw exception.Error == KubernetesError.Conflict ? exception : new KubernetesRequestException(KubernetesError.Conflict, exception.Message, exception);
        }
        catch (Exception exception) when (CacheLag.IsUnanswered(exception))
        {
            lag.Add(key);
            throw;
        }
    }

    private async Task<ReconcileResult> ReconcileAsync(TkaSignin signin, CancellationToken cancellationToken)
    {
        // A clock that has just jumped must not decide that a session is over. If the API server does not answer, revoking would fail
        // too, so the pass is retried later.
        await transport.SettleTimeAsync(cancellationToken);
        var now = time.GetUtcNow();
        var window = SessionWindow.Of(signin, now);
        await lag.VerifyAsync(signin, cancellationToken);
        if (signin.Metadata.DeletionTimestamp is not null || window.IsOver(now))
        {
            return await EndAsync(signin, window, now, cancellationToken);
        }

        signin = await finalizer.EnsureAsync(signin, cancellationToken);
        var earlier = inventory.Of(signin.Metadata.Name).NotOf(signin);
        if (!earlier.IsEmpty)
        {
            await RevokeAsync(signin, earlier, cancellationToken);
        }

        try
        {
            rules.Require(signin, window);
            quota.Require(signin, now);
            if (refusals.Standing(signin) is { } standing)
            {
                return standing.Refusal is SessionRejectedException rejection
                    ? await RejectAsync(signin, window, rejection, cancellationToken)
                    : ReconcileResult.After(Sooner(standing.Remaining, window));
            }

            return await ProvisionAsync(signin, window, cancellationToken);
        }
        catch (SessionRejectedException exception)
        {
            return await RejectAsync(signin, window, exception, cancellationToken);
        }
        catch (KubernetesRequestException exception) when (IsRefusal(exception))
        {
            var retry = refusals.Add(signin, exception);
            if (!exception.IsTransient || refusals.IsRepeated(signin))
            {
                await TryReportAsync(signin, ConditionReasons.Failed, exception.Message, cancellationToken);
            }

            // Throttling carries the pause that the API server asks for, which holds all sessions up and must not grow with one session's tries.
            throw exception.Error == KubernetesError.Throttled
                ? exception
                : new KubernetesRequestException(exception.Error, exception.Message, exception) { RetryAfter = Sooner(retry, window) };
        }
    }

    private async Task<ReconcileResult> ProvisionAsync(TkaSignin signin, SessionWindow window, CancellationToken cancellationToken)
    {
        var account = await provisioner.EnsureServiceAccountAsync(signin, cancellationToken);

        // A token request that waits for this session asks for its token now, and answers when the role is bound.
        using var provisioning = progress.Begin(signin, account);
        var access = await provisioner.BindAsync(signin, account, cancellationToken);
        window = window.Granted;
        report.Bound(signin, window);
        provisioning.SetBound();
        var written = await status.ReadyAsync(signin, window, access, cancellationToken);
        refusals.Forget(signin.Metadata.Name);
        report.Ready(signin, written, window);
        return access.MissingNamespaces.Count == 0 ? AtItsEnd(window) : ReconcileResult.After(Sooner(RecheckInterval, window));
    }

    /// <summary>Revokes everything, then lets the TkaSignin go once the ledger keeps what there is to say about the session.</summary>
    private async Task<ReconcileResult> EndAsync(TkaSignin signin, SessionWindow window, DateTimeOffset now, CancellationToken cancellationToken)
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

    /// <summary>A refused session keeps nothing beyond what it asks for, and is removed at its end like any other.</summary>
    private async Task<ReconcileResult> RejectAsync(TkaSignin signin, SessionWindow window, SessionRejectedException refusal, CancellationToken cancellationToken)
    {
        var access = inventory.Of(signin.Metadata.Name);
        quota.Release(signin.Metadata.Name);
        await RevokeAsync(signin, refusal.IsCurable ? access.NotWantedBy(signin) : access, cancellationToken);
        window = signin.IsRejected() ? window : window.Refused(time.GetUtcNow());
        var written = await status.NotReadyAsync(signin, window, refusal.Reason, refusal.Message, cancellationToken);
        report.Rejected(signin, written, refusal);

        // A role that comes back is told by the watch.
        return refusal is { IsCurable: true, Reason: not ConditionReasons.RoleNotFound }
            ? ReconcileResult.After(Sooner(refusals.Add(signin, refusal), window))
            : AtItsEnd(window);
    }

    /// <summary>
    /// The calendar calls at the end as well, and more precisely. But what called this pass may have been the calendar, by a clock that
    /// has been put right since: no pass relies on a timer that was set before it.
    /// </summary>
    private ReconcileResult AtItsEnd(SessionWindow window) => ReconcileResult.After(window.End - time.GetUtcNow());

    private TimeSpan Sooner(TimeSpan interval, SessionWindow window) =>
        window.End - time.GetUtcNow() is var remaining && remaining < interval ? remaining : interval;

    private async Task RevokeAsync(TkaSignin signin, SessionAccess access, CancellationToken cancellationToken)
    {
        try
        {
            await revoker.RevokeAsync(access, cancellationToken);
        }
        catch (Exception exception) when (exception is AggregateException or KubernetesRequestException)
        {
            report.RevocationFailed(signin, exception.Message);
            await TryReportAsync(signin, ConditionReasons.RevocationFailed, $"revoking access failed and is tried again: {exception.Message}", cancellationToken);
            throw;
        }
    }

    /// <summary>There is no TkaSignin. The remaining objects of one that was force-deleted must not give access.</summary>
    private async Task<ReconcileResult> RemoveOrphansAsync(string key, CancellationToken cancellationToken)
    {
        lag.Forget(key);
        refusals.Forget(key);
        quota.Release(key);
        var access = inventory.Of(key);
        if (access.IsEmpty)
        {
            failures.Remove(SessionFailures.Sessions, key);
            return ReconcileResult.Done;
        }

        // The cache may lag behind another replica that has just started this session: revoking needs certainty.
        if (await lag.RefreshAsync(Key(key), cancellationToken))
        {
            return ReconcileResult.After(TimeSpan.FromMilliseconds(100));
        }

        Log.RemovingOrphans(logger, key);
        await revoker.RevokeAsync(access, cancellationToken);
        report.Vanished(key, access);
        return ReconcileResult.Done;
    }

    private async Task TryReportAsync(TkaSignin signin, string reason, string message, CancellationToken cancellationToken)
    {
        try
        {
            await status.FailedAsync(signin, reason, message, cancellationToken);
        }
        catch (KubernetesRequestException exception)
        {
            // What failed first is what counts and is thrown; this comes up again with the retry.
            Log.StatusFailed(logger, signin.Metadata.Name, exception.Message);
        }
    }

    /// <summary>Whether the cluster answered that it does not do this now: repeating it at once would not help. Conflicts and lags of the cache are looked at again at once.</summary>
    private static bool IsRefusal(KubernetesRequestException exception) =>
        exception.StatusCode is not null && exception.Error is not (KubernetesError.NotFound or KubernetesError.Conflict);

    private ObjectKey Key(string name) => new(options.Value.Namespace, name);
}

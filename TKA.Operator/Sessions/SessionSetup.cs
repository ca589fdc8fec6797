using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Runtime.Controllers;
using TKA.Operator.Sessions.Access;

namespace TKA.Operator.Sessions;

/// <summary>Gives a session that has time left what it asks for, or refuses it and says why in its status.</summary>
internal sealed class SessionSetup(
    SigninFinalizer finalizer,
    SessionInventory inventory,
    SessionRules rules,
    SessionQuota quota,
    RefusalMemory refusals,
    AccessProvisioner provisioner,
    ProvisioningProgress progress,
    SessionTeardown teardown,
    SigninStatusWriter status,
    SessionReporter report,
    ClusterTime time)
{
    /// <summary>How often a namespace of the grant that is missing is looked for.</summary>
    private static readonly TimeSpan RecheckInterval = TimeSpan.FromSeconds(30);

    /// <summary>Makes what is missing.</summary>
    /// <exception cref="KubernetesRequestException">A request failed; its pause fits what failed.</exception>
    /// <exception cref="AggregateException">What the session no longer asks for could not be revoked.</exception>
    public async Task<ReconcileResult> EnsureAsync(TkaSignin signin, SessionWindow window, DateTimeOffset now, CancellationToken cancellationToken)
    {
        signin = await finalizer.EnsureAsync(signin, cancellationToken);
        var earlier = inventory.Of(signin.Metadata.Name).NotOf(signin);
        if (!earlier.IsEmpty)
        {
            await teardown.RevokeAsync(signin, earlier, cancellationToken);
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
                await status.TryFailedAsync(signin, ConditionReasons.Failed, exception.Message, cancellationToken);
            }

            // Throttling carries the pause that the API server asks for, which holds all sessions up and must not grow with one session's tries.
            throw exception.Error == KubernetesError.Throttled
                ? exception
                : new KubernetesRequestException(exception.Error, exception.Message, exception) { StatusCode = exception.StatusCode, RetryAfter = Sooner(retry, window) };
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

    /// <summary>A refused session keeps nothing beyond what it asks for, and is removed at its end like any other.</summary>
    private async Task<ReconcileResult> RejectAsync(TkaSignin signin, SessionWindow window, SessionRejectedException refusal, CancellationToken cancellationToken)
    {
        var access = inventory.Of(signin.Metadata.Name);
        quota.Release(signin.Metadata.Name);
        await teardown.RevokeAsync(signin, refusal.IsCurable ? access.NotWantedBy(signin) : access, cancellationToken);
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

    /// <summary>Whether the cluster answered that it does not do this now: repeating it at once would not help. Conflicts and lags of the cache are looked at again at once.</summary>
    private static bool IsRefusal(KubernetesRequestException exception) =>
        exception.StatusCode is not null && exception.Error is not (KubernetesError.NotFound or KubernetesError.Conflict);
}

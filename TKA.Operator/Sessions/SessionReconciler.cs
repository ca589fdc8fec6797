using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Options;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Signins;
using TKA.Operator.Ledger;
using TKA.Operator.Options;
using TKA.Operator.Runtime.Controllers;
using TKA.Operator.Sessions.Access;

namespace TKA.Operator.Sessions;

/// <summary>
/// One pass over one session: compares the TkaSignin with what exists and does what is missing. Everything it needs is in the
/// cluster, so a pass may follow any other, also one that a crash cut short.
/// </summary>
internal sealed class SessionReconciler(
    KubernetesTransport transport,
    ResourceClient<TkaSignin> signins,
    IResourceCache<TkaSignin> cache,
    SessionInventory inventory,
    AccessProvisioner provisioner,
    AccessRevoker revoker,
    SigninStatusWriter status,
    SigninFinalizer finalizer,
    RoleCatalog roles,
    SessionReport report,
    IOptions<OperatorOptions> options,
    ClusterTime time,
    ILogger<SessionReconciler> logger) : IReconciler<string>
{
    /// <summary>How often a refusal that the cluster's state can cure (a missing role or namespace) is looked at again.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    /// <summary>How soon to come back for the TkaSignin of a session that is over and that the books do not know of yet.</summary>
    private static readonly TimeSpan BooksAreSlow = TimeSpan.FromMilliseconds(100);

    // Refusals that only a change elsewhere in the cluster can cure. Without this memory the refusal's own traces (objects made
    // and removed again) would lead to the next try at once.
    private readonly ConcurrentDictionary<string, Refusal> _refusals = [];

    // Sessions for which a request got no answer: the cluster may hold more than the caches know.
    private readonly ConcurrentDictionary<string, bool> _uncertain = [];

    /// <inheritdoc/>
    public ActivityContext ParentOf(string key) =>
        cache.Get(Key(key)) is { Metadata.Annotations: { } annotations, Status: null }
        && annotations.TryGetValue(TkaAnnotations.TraceParent, out var traceParent)
        && ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent)
            ? parent
            : default;

    /// <inheritdoc/>
    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return cache.Get(Key(key)) is { } signin
                ? await ReconcileAsync(signin, cancellationToken)
                : await RemoveOrphansAsync(key, cancellationToken);
        }
        catch (KubernetesRequestException exception) when (exception.Error is KubernetesError.Conflict or KubernetesError.NotFound)
        {
            // The cache lags behind, or somebody was faster. Reading the object makes the next pass certain to know better,
            // also when the watch does not deliver.
            await RefreshAsync(key, cancellationToken);
            throw exception.Error == KubernetesError.Conflict ? exception : new KubernetesRequestException(KubernetesError.Conflict, exception.Message, exception);
        }
        catch (Exception exception) when (IsUnanswered(exception))
        {
            _uncertain[key] = true;
            throw;
        }
    }

    private async Task<ReconcileResult> ReconcileAsync(TkaSignin signin, CancellationToken cancellationToken)
    {
        // Whether a session is over is not decided by a clock that has just jumped. Who cannot ask could not take away either.
        await transport.SettleTimeAsync(cancellationToken);
        var now = time.GetUtcNow();
        var window = SessionWindow.Of(signin, options.Value.EffectiveMaxPeriod, now);
        await VerifyIfUncertainAsync(signin, cancellationToken);
        if (signin.Metadata.DeletionTimestamp is not null)
        {
            var remains = inventory.Of(signin.Metadata.Name);
            await RevokeAsync(signin, remains, cancellationToken);
            report.AccessGone(signin, window, window.IsOver(now) ? SessionEndings.Expired : SessionEndings.Ended, hadAccess: !remains.IsEmpty);
            if (!report.MayForget(signin))
            {
                return ReconcileResult.After(BooksAreSlow);
            }

            await finalizer.ReleaseAsync(signin, signin.Metadata);
            return ReconcileResult.Done;
        }

        if (window.IsOver(now))
        {
            var remains = inventory.Of(signin.Metadata.Name);
            await RevokeAsync(signin, remains, cancellationToken);
            report.AccessGone(signin, window, SessionEndings.Expired, hadAccess: !remains.IsEmpty);
            if (!report.MayForget(signin))
            {
                return ReconcileResult.After(BooksAreSlow);
            }

            await finalizer.DeleteAsync(signin, cancellationToken);
            return ReconcileResult.Done;
        }

        signin = await finalizer.EnsureAsync(signin, cancellationToken);
        var earlier = inventory.Of(signin.Metadata.Name).NotOf(signin);
        if (!earlier.IsEmpty)
        {
            await RevokeAsync(signin, earlier, cancellationToken);
        }

        try
        {
            if (window.Problem is not null)
            {
                throw new SessionRejectedException(ConditionReasons.InvalidPeriod, window.Problem);
            }

            if (StandingRefusal(signin, now) is { } standing)
            {
                throw standing;
            }

            await CheckRoleAsync(signin, cancellationToken);
            var account = await provisioner.ProvisionAsync(signin, cancellationToken);
            var written = await status.ReadyAsync(signin, window, account, cancellationToken);
            report.Ready(signin, written, window);
            return AtItsEnd(window);
        }
        catch (SessionRejectedException exception)
        {
            return await RejectAsync(signin, window, exception, cancellationToken);
        }
        catch (KubernetesRequestException exception) when (exception.Error is KubernetesError.Forbidden or KubernetesError.Invalid or KubernetesError.Unauthorized or KubernetesError.Other)
        {
            await TryReportAsync(signin, ConditionReasons.Failed, exception.Message, cancellationToken);
            throw;
        }
    }

    private async Task CheckRoleAsync(TkaSignin signin, CancellationToken cancellationToken)
    {
        var role = signin.Spec.Role;
        if (options.Value.Roles.Refusal(role, signin.Namespaces()) is { } refusal)
        {
            throw new SessionRejectedException(ConditionReasons.RoleNotAllowed, refusal);
        }

        if (signin.Namespaces().FirstOrDefault(ns => ns == options.Value.Namespace || ns == options.Value.SystemNamespace) is { } own)
        {
            throw new SessionRejectedException(
                ConditionReasons.RoleNotAllowed, $"no role is bound in {own}, which holds TKA's own credentials; correct the tailnet policy.");
        }

        if (!await roles.ExistsAsync(role, cancellationToken))
        {
            throw new SessionRejectedException(ConditionReasons.RoleNotFound, $"there is no ClusterRole {role} in this cluster; create it or correct the tailnet policy.");
        }
    }

    /// <summary>A refused session keeps no access from earlier, and is removed at its end like any other.</summary>
    private async Task<ReconcileResult> RejectAsync(TkaSignin signin, SessionWindow window, SessionRejectedException refusal, CancellationToken cancellationToken)
    {
        await RevokeAsync(signin, inventory.Of(signin.Metadata.Name), cancellationToken);
        var written = await status.NotReadyAsync(signin, window, refusal.Reason, refusal.Message, cancellationToken);
        report.Rejected(signin, written, refusal);
        if (refusal.Reason is not (ConditionReasons.RoleNotFound or ConditionReasons.NamespaceNotFound or ConditionReasons.NameTaken))
        {
            return AtItsEnd(window);
        }

        var now = time.GetUtcNow();
        var stands = _refusals.AddOrUpdate(
            signin.Metadata.Name,
            _ => new Refusal(signin, refusal, now + LookAgain),
            (_, earlier) => ReferenceEquals(earlier.Because, refusal) ? earlier : new Refusal(signin, refusal, now + LookAgain));
        return ReconcileResult.After(stands.Until < window.End ? stands.Until - now : window.End - now);
    }

    /// <summary>
    /// The calendar calls at the end as well, and more precisely. But what called this pass may have been the calendar, by a clock that
    /// has been put right since: no pass relies on a timer that was set before it.
    /// </summary>
    private ReconcileResult AtItsEnd(SessionWindow window) => ReconcileResult.After(window.End - time.GetUtcNow());

    private SessionRejectedException? StandingRefusal(TkaSignin signin, DateTimeOffset now) =>
        _refusals.TryGetValue(signin.Metadata.Name, out var refusal) && refusal.IsOf(signin) && now < refusal.Until ? refusal.Because : null;

    private async Task RevokeAsync(TkaSignin signin, SessionRemains remains, CancellationToken cancellationToken)
    {
        try
        {
            await revoker.RevokeAsync(remains, cancellationToken);
        }
        catch (Exception exception) when (exception is AggregateException or KubernetesRequestException)
        {
            report.RevocationFailed(signin, exception.Message);
            await TryReportAsync(signin, ConditionReasons.RevocationFailed, $"taking access away failed and is tried again: {exception.Message}", cancellationToken);
            throw;
        }
    }

    /// <summary>There is no TkaSignin. What is left of one that was force-deleted must not give access to anybody.</summary>
    private async Task<ReconcileResult> RemoveOrphansAsync(string key, CancellationToken cancellationToken)
    {
        _uncertain.TryRemove(key, out _);
        _refusals.TryRemove(key, out _);
        var remains = inventory.Of(key);
        if (remains.IsEmpty)
        {
            return ReconcileResult.Done;
        }

        // The cache may lag behind another replica that has just started this session: taking away needs certainty.
        if (await signins.TryGetAsync(key, cancellationToken) is { } live)
        {
            cache.Observe(live);
            return ReconcileResult.After(TimeSpan.FromMilliseconds(100));
        }

        Log.RemovingOrphans(logger, key);
        await revoker.RevokeAsync(remains, cancellationToken);
        report.Vanished(key, remains);
        return ReconcileResult.Done;
    }

    private async Task VerifyIfUncertainAsync(TkaSignin signin, CancellationToken cancellationToken)
    {
        var name = signin.Metadata.Name;
        var lost = signin.Status?.Provisioned == true && inventory.Of(name).ServiceAccounts.Count == 0;
        if (lost || _uncertain.ContainsKey(name))
        {
            await provisioner.VerifyAsync(signin, cancellationToken);
            _uncertain.TryRemove(name, out _);
        }
    }

    private async Task RefreshAsync(string key, CancellationToken cancellationToken)
    {
        if (await signins.TryGetAsync(key, cancellationToken) is { } live)
        {
            cache.Observe(live);
        }
        else if (cache.Get(Key(key)) is { } cached)
        {
            cache.ObserveDeleted(cached);
        }
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

    private static bool IsUnanswered(Exception e) => e switch
    {
        KubernetesRequestException { Error: KubernetesError.Unknown } => true,
        AggregateException aggregate => aggregate.InnerExceptions.Any(IsUnanswered),
        OperationCanceledException => true,
        _ => false,
    };

    /// <summary>A refusal of one sign-in; signing in again, or asking for something else, is judged anew.</summary>
    private sealed record Refusal(string Uid, long? Generation, DateTimeOffset? SignedIn, SessionRejectedException Because, DateTimeOffset Until)
    {
        public Refusal(TkaSignin signin, SessionRejectedException because, DateTimeOffset until)
            : this(signin.Metadata.Uid, signin.Metadata.Generation, signin.LastAttemptedSignIn(), because, until)
        {
        }

        public bool IsOf(TkaSignin signin) =>
            signin.Metadata.Uid == Uid && signin.Metadata.Generation == Generation && signin.LastAttemptedSignIn() == SignedIn;
    }

    private ObjectKey Key(string name) => new(options.Value.Namespace, name);
}

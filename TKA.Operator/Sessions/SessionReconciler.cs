using System.Diagnostics;
using Microsoft.Extensions.Options;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Health;
using TKA.Operator.Options;
using TKA.Operator.Runtime.Controllers;
using TKA.ServiceDefaults.Health;

namespace TKA.Operator.Sessions;

/// <summary>
/// One pass over one session: compares the TkaSignin with what exists and does what is missing. Everything it needs is in the
/// cluster, so a pass may follow any other, also one that a crash cut short.
/// </summary>
internal sealed class SessionReconciler(
    KubernetesTransport transport,
    IResourceCache<TkaSignin> cache,
    CacheLag lag,
    SessionSetup setup,
    SessionTeardown teardown,
    OrphanRemoval orphans,
    OngoingFailures failures,
    IOptions<OperatorOptions> options,
    ClusterTime time) : IReconciler<string>
{
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
                : await orphans.RemoveAsync(Key(key), cancellationToken);
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
        return signin.Metadata.DeletionTimestamp is not null || window.IsOver(now)
            ? await teardown.EndAsync(signin, window, now, cancellationToken)
            : await setup.EnsureAsync(signin, window, now, cancellationToken);
    }

    private ObjectKey Key(string name) => new(options.Value.Namespace, name);
}

using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.Http;
using TKA.Api.Problems;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Signins;

namespace TKA.Api.Sessions;

/// <summary>
/// The sessions as the API sees them: reads come from the list-watch cache and cost no request, writes go to Kubernetes
/// under the deadline of whoever waits for them.
/// </summary>
internal sealed class SessionStore(
    IResourceCache<TkaSignin> cache,
    ResourceClient<TkaSignin> client,
    KubernetesTransport cluster,
    IOptions<OperatorOptions> names,
    IOptions<ApiOptions> options,
    IHostApplicationLifetime lifetime)
{
    /// <summary>The session of a person, whatever its state; <see langword="null"/> when there is none.</summary>
    /// <exception cref="ApiProblemException">Sessions are not known yet, or another person holds the name.</exception>
    public TkaSignin? Find(string username)
    {
        RequireSynced();
        return Owned(cache.Get(Key(SessionNames.ForLogin(username))), username);
    }

    /// <summary>The session of a name.</summary>
    public TkaSignin? FindByName(string name)
    {
        RequireSynced();
        return cache.Get(Key(name));
    }

    /// <summary>All sessions.</summary>
    public IReadOnlyList<TkaSignin> List()
    {
        RequireSynced();
        return cache.List();
    }

    /// <summary>All sessions known so far; none before the first list has arrived.</summary>
    public IReadOnlyList<TkaSignin> Known() => cache.HasSynced ? cache.List() : [];

    /// <summary>Waits, without a request, until the session satisfies a condition, the time is up, or this server stops.</summary>
    /// <returns>The session as it is then, which may not satisfy the condition.</returns>
    public async Task<TkaSignin?> WaitForAsync(string name, Func<TkaSignin?, bool> condition, TimeSpan patience, CancellationToken cancellationToken)
    {
        var now = cache.Get(Key(name));
        if (patience <= TimeSpan.Zero || condition(now))
        {
            return now;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        // Real time, also under a fake clock: this guards a connection, not a session.
        deadline.CancelAfter(patience);
        try
        {
            return await cache.WaitForAsync(Key(name), condition, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return cache.Get(Key(name));
        }
    }

    /// <summary>Creates a session.</summary>
    public Task<TkaSignin> CreateAsync(TkaSignin session, CancellationToken cancellationToken) =>
        WriteAsync(token => client.CreateAsync(session, token), cancellationToken);

    /// <summary>Replaces a session, if nobody changed it since it was read.</summary>
    public Task<TkaSignin> ReplaceAsync(TkaSignin session, CancellationToken cancellationToken) =>
        WriteAsync(token => client.ReplaceAsync(session, token), cancellationToken);

    /// <summary>Reads a session from the cluster and not from the cache, for when the cache was seen to be behind.</summary>
    public async Task<TkaSignin?> RefreshAsync(TkaSignin session, CancellationToken cancellationToken)
    {
        var name = session.Metadata.Name;
        var fresh = await InTimeAsync(token => client.TryGetAsync(name, token), cancellationToken);
        if (fresh is not null)
        {
            cache.Observe(fresh);
        }
        else if (cache.Get(Key(name)) is { } stale)
        {
            cache.ObserveDeleted(stale);
        }

        return fresh;
    }

    /// <summary>Ends a session: the operator then takes its rights away and lets the object go.</summary>
    /// <returns>Whether this very session was there to be ended.</returns>
    public async Task<bool> DeleteAsync(TkaSignin session, CancellationToken cancellationToken)
    {
        try
        {
            var (outcome, remaining) = await InTimeAsync(
                token => client.DeleteObjectAsync(session.Metadata.Name, session.Metadata.Uid, token), cancellationToken);
            if (remaining is not null)
            {
                cache.Observe(new TkaSignin { Metadata = remaining, Spec = session.Spec, Status = session.Status });
            }
            else
            {
                cache.ObserveDeleted(session);
            }

            return outcome != DeleteOutcome.NotFound;
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.Conflict)
        {
            // The name is a newer session's by now; this one is gone.
            return false;
        }
    }

    /// <summary>Whether a session is somebody's, by the folding that names are made with.</summary>
    public static bool IsOwnedBy(TkaSignin session, string username) =>
        string.Equals(session.Spec.Username.ToLowerInvariant(), username.ToLowerInvariant(), StringComparison.Ordinal);

    private static TkaSignin? Owned(TkaSignin? session, string username) =>
        session is null || IsOwnedBy(session, username)
            ? session
            : throw new ApiProblemException(ApiProblems.NameCollision(username));

    private async Task<TkaSignin> WriteAsync(Func<CancellationToken, Task<TkaSignin>> write, CancellationToken cancellationToken)
    {
        var written = await InTimeAsync(write, cancellationToken);
        cache.Observe(written);
        return written;
    }

    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await Patience.WaitAsync(request, cluster.PingAsync, options.Value.UpstreamTimeout, options.Value.SlowTimeout, cancellationToken);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KubernetesRequestException(KubernetesError.Unknown, "no answer in time", exception);
        }
    }

    private ObjectKey Key(string name) => new(names.Value.Namespace, name);

    private void RequireSynced()
    {
        if (!cache.HasSynced)
        {
            throw new ApiProblemException(ApiProblems.Unavailable(Dependency.Kubernetes));
        }
    }
}

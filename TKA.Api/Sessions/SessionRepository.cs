using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.Http;
using TKA.Api.Problems;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.ServiceDefaults.Health;

namespace TKA.Api.Sessions;

/// <summary>
/// The sessions as the API sees them: reads come from the list-watch cache and cost no request, writes go to Kubernetes
/// under the deadline of the request that waits for them.
/// </summary>
internal sealed class SessionRepository
{
    /// <summary>Kind of work in <see cref="OngoingFailures"/>: writing sessions.</summary>
    public const string Failures = "sessions";

    private const string Deleting = "delete";
    private const string ByPerson = "person";

    private readonly IResourceCache<TkaSignin> _cache;
    private readonly ResourceClient<TkaSignin> _client;
    private readonly KubernetesTransport _cluster;
    private readonly ClusterOptions _names;
    private readonly ApiOptions _options;
    private readonly OngoingFailures _failures;
    private readonly IHostApplicationLifetime _lifetime;

    public SessionRepository(
        IResourceCache<TkaSignin> cache,
        ResourceClient<TkaSignin> client,
        KubernetesTransport cluster,
        IOptions<ClusterOptions> names,
        IOptions<ApiOptions> options,
        OngoingFailures failures,
        IHostApplicationLifetime lifetime)
    {
        _cache = cache;
        _client = client;
        _cluster = cluster;
        _names = names.Value;
        _options = options.Value;
        _failures = failures;
        _lifetime = lifetime;
        cache.AddIndex(ByPerson, static signin => [SessionKey.IndexOf(signin)]);
    }

    /// <summary>Namespace of the sessions.</summary>
    public string Namespace => _names.Namespace;

    /// <summary>All sessions of a person, whatever their state: the base session first, then the others by role.</summary>
    /// <exception cref="ApiProblemException">Sessions are not known yet.</exception>
    public IReadOnlyList<TkaSignin> OfPerson(string username)
    {
        RequireSynced();
        return
        [
            .. _cache.ByIndex(ByPerson, SessionNames.UserSlug(username))
                .Where(session => session.IsOwnedBy(username))
                .OrderByDescending(session => session.IsBase())
                .ThenBy(session => session.Spec.Role, StringComparer.Ordinal),
        ];
    }

    /// <summary>The base session of a person, whatever its state; <see langword="null"/> when there is none.</summary>
    /// <exception cref="ApiProblemException">Sessions are not known yet, or another person holds the name.</exception>
    public TkaSignin? FindBase(string username)
    {
        var session = FindByName(SessionNames.ForLogin(username));
        return session is null || session.IsOwnedBy(username) ? session : throw new ApiProblemException(ApiProblems.NameCollision(username));
    }

    /// <summary>The session of a role beside a person's base session, whatever its state; <see langword="null"/> when there is none.</summary>
    /// <exception cref="ApiProblemException">Sessions are not known yet, or another session holds the name.</exception>
    public TkaSignin? FindBeside(string username, string role)
    {
        var session = FindByName(SessionNames.ForRole(username, role));
        return session is null || session.Key() == SessionKey.For(username, role) ? session : throw new ApiProblemException(ApiProblems.NameCollision(username));
    }

    /// <summary>The session of a name.</summary>
    public TkaSignin? FindByName(string name)
    {
        RequireSynced();
        return _cache.Get(Key(name));
    }

    /// <summary>All sessions.</summary>
    public IReadOnlyList<TkaSignin> List()
    {
        RequireSynced();
        return _cache.List();
    }

    /// <summary>All sessions known so far; none before the first list has arrived.</summary>
    public IReadOnlyList<TkaSignin> Known() => _cache.HasSynced ? _cache.List() : [];

    /// <summary>Waits, without a request, until the session satisfies a condition, the time is up, or this server stops.</summary>
    /// <returns>The session as it is then, which may not satisfy the condition.</returns>
    public async Task<TkaSignin?> WaitForAsync(string name, Func<TkaSignin?, bool> condition, TimeSpan wait, CancellationToken cancellationToken)
    {
        var now = _cache.Get(Key(name));
        if (wait <= TimeSpan.Zero || condition(now))
        {
            return now;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _lifetime.ApplicationStopping);
        // Real time, also under a fake clock: this guards a connection, not a session.
        deadline.CancelAfter(wait);
        try
        {
            return await _cache.WaitForAsync(Key(name), condition, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return _cache.Get(Key(name));
        }
    }

    /// <summary>Creates a session.</summary>
    public Task<TkaSignin> CreateAsync(TkaSignin session, CancellationToken cancellationToken) =>
        WriteAsync(token => _client.CreateAsync(session, token), cancellationToken);

    /// <summary>Replaces a session, unless it was changed since it was read.</summary>
    public Task<TkaSignin> ReplaceAsync(TkaSignin session, CancellationToken cancellationToken) =>
        WriteAsync(token => _client.ReplaceAsync(session, token), cancellationToken);

    /// <summary>Reads a session from the cluster and not from the cache, for when the cache was seen to be behind. The cache learns of it.</summary>
    public async Task<TkaSignin?> RefreshAsync(string name, CancellationToken cancellationToken)
    {
        var fresh = await InTimeAsync(token => _client.TryGetAsync(name, token), cancellationToken);
        if (fresh is not null)
        {
            _cache.Observe(fresh);
        }
        else if (_cache.Get(Key(name)) is { } stale)
        {
            _cache.ObserveDeleted(stale);
        }

        return fresh;
    }

    /// <summary>Ends a session: the operator then revokes its access and lets the object go.</summary>
    /// <returns>Whether this very session was there to be ended.</returns>
    public async Task<bool> DeleteAsync(TkaSignin session, CancellationToken cancellationToken)
    {
        try
        {
            var (outcome, remaining) = await NotedAsync(
                Deleting,
                token => _client.DeleteObjectAsync(session.Metadata.Name, session.Metadata.Uid, token), cancellationToken);
            if (remaining is not null)
            {
                _cache.Observe(new TkaSignin { Metadata = remaining, Spec = session.Spec, Status = session.Status });
            }
            else
            {
                _cache.ObserveDeleted(session);
            }

            return outcome != DeleteOutcome.NotFound;
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.Conflict)
        {
            // The name is a newer session's by now; this one has ended.
            _failures.Remove(Failures, Deleting);
            return false;
        }
    }

    private async Task<TkaSignin> WriteAsync(Func<CancellationToken, Task<TkaSignin>> write, CancellationToken cancellationToken)
    {
        var written = await NotedAsync("write", write, cancellationToken);
        _cache.Observe(written);
        return written;
    }

    private async Task<T> NotedAsync<T>(string what, Func<CancellationToken, Task<T>> write, CancellationToken cancellationToken)
    {
        try
        {
            var result = await InTimeAsync(write, cancellationToken);
            _failures.Remove(Failures, what);
            return result;
        }
        catch (KubernetesRequestException exception)
        {
            _failures.Add(Failures, what, exception.Message);
            throw;
        }
    }

    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await AdaptiveTimeout.RunAsync(request, _cluster.PingAsync, _options.UpstreamTimeout, _options.SlowTimeout, cancellationToken);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KubernetesRequestException(KubernetesError.Unknown, "no answer in time", exception);
        }
    }

    private ObjectKey Key(string name) => new(_names.Namespace, name);

    private void RequireSynced()
    {
        if (!_cache.HasSynced)
        {
            throw new ApiProblemException(ApiProblems.Unavailable(Dependency.Kubernetes));
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using TKA.Api.Telemetry;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;

namespace TKA.Api.Sessions;

/// <summary>
/// Records how logins of this process ended: granted when the operator has set the access up, refused when it has not. Told by the
/// watch, so it costs no request and no login waits for it.
/// </summary>
internal sealed class LoginOutcomes : IDisposable
{
    private readonly ConcurrentDictionary<string, PendingLogin> _pending = new(StringComparer.Ordinal);
    private readonly IResourceCache<TkaSignin> _cache;
    private readonly AuditLog _audit;
    private readonly ClusterTime _time;
    private readonly IDisposable _subscription;

    public LoginOutcomes(IResourceCache<TkaSignin> cache, AuditLog audit, ClusterTime time)
    {
        _cache = cache;
        _audit = audit;
        _time = time;
        _subscription = cache.Subscribe(change => Take(change.Key.Name, change.Current));
    }

    /// <summary>Follows a login until the operator has acted on it; an earlier one of the same session is no longer followed.</summary>
    /// <param name="session">The session as written.</param>
    /// <param name="record">What to record; outcome, end and reason are filled in.</param>
    public void Follow(TkaSignin session, AuditRecord record)
    {
        _pending[session.Metadata.Name] = new PendingLogin(session.Metadata.Uid, session.LastAttemptedSignIn(), record, Activity.Current?.Context ?? default);

        // The operator may have been faster than this process.
        Take(session.Metadata.Name, _cache.Get(TKA.Kubernetes.ObjectKey.Of(session)));
    }

    public void Dispose() => _subscription.Dispose();

    private void Take(string name, TkaSignin? session)
    {
        if (!_pending.TryGetValue(name, out var login))
        {
            return;
        }

        if (session is null || session.Metadata.Uid != login.Uid)
        {
            // Ended before the operator acted, which has a record of its own.
            _pending.TryRemove(KeyValuePair.Create(name, login));
            return;
        }

        if (session.LastAttemptedSignIn() != login.SignedIn || session.StateAt(_time.GetUtcNow()) is not (SessionState.Ready or SessionState.Rejected) || !_pending.TryRemove(KeyValuePair.Create(name, login)))
        {
            return;
        }

        // The record belongs to the login's trace, also when the watch tells its end.
        using var trace = login.Trace == default
            ? null
            : new Activity("login outcome").SetParentId(login.Trace.TraceId, login.Trace.SpanId, login.Trace.TraceFlags).Start();
        _audit.Record(login.Record with
        {
            Outcome = session.IsRejected() ? AuditOutcomes.Refused : AuditOutcomes.Granted,
            Until = SessionWindow.Of(session, _time.GetUtcNow()).End,
            Reason = session.IsRejected() ? session.ReadyCondition()?.Reason : null,
        });
    }

    private sealed record PendingLogin(string Uid, DateTimeOffset? SignedIn, AuditRecord Record, ActivityContext Trace);
}

using System.Collections.Concurrent;
using TKA.Contracts;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Health;
using TKA.Operator.Ledger;
using TKA.Operator.Sessions.Access;
using TKA.Operator.Sessions.Events;
using TKA.Operator.Telemetry;
using TKA.ServiceDefaults.Health;

namespace TKA.Operator.Sessions;

/// <summary>Reports what happened to sessions in Events, metrics, log and ledger. Compares before and after, so that a pass that changed nothing reports nothing.</summary>
internal sealed class SessionReporter(EventRecorder events, OperatorMetrics metrics, OngoingFailures failures, ISessionLedger ledger, ClusterTime time, ILogger<SessionReporter> logger)
{
    private readonly ConcurrentDictionary<string, long> _askedSince = [];

    /// <summary>Notes that a session was seen that does not have what it asks for.</summary>
    public void Asked(string session) => _askedSince.TryAdd(session, time.GetTimestamp());

    /// <summary>Notes a new session's access before its token is handed out: the status, which the ledger is brought in line with otherwise, is written later.</summary>
    public void Bound(TkaSignin signin, SessionWindow window)
    {
        if (signin.Status?.Provisioned != true)
        {
            ledger.Granted(signin, window);
        }
    }

    /// <summary>Reports a session whose access is in place.</summary>
    /// <param name="before">The object the pass started from.</param>
    /// <param name="after">The object with the status written; the same if there was nothing to write.</param>
    /// <param name="window">Its time.</param>
    public void Ready(TkaSignin before, TkaSignin after, SessionWindow window)
    {
        failures.Remove(SessionFailures.Sessions, after.Metadata.Name);
        if (_askedSince.TryRemove(after.Metadata.Name, out var since) && !ReferenceEquals(before, after))
        {
            metrics.Provisioned(time.GetElapsedTime(since));
        }

        if (ReferenceEquals(before, after))
        {
            return;
        }

        var scope = after.Namespaces() is { Count: > 0 } namespaces ? string.Join(", ", namespaces) : "cluster-wide";
        var until = after.Status?.ValidUntil;
        if (before.Status?.Provisioned != true)
        {
            metrics.SignedIn(after.Spec.Role);
            events.Normal(after, EventReasons.SessionStarted, $"role {after.Spec.Role}, {scope}, until {until}");
        }
        else
        {
            if (before.Status.ObservedGeneration != after.Status?.ObservedGeneration && before.ReadyCondition()?.Message != after.ReadyCondition()?.Message)
            {
                events.Normal(after, EventReasons.RoleChanged, $"now role {after.Spec.Role}, {scope}");
            }

            if (before.Status.ValidUntil != until || before.Status.SignedIn != after.Status?.SignedIn)
            {
                metrics.SignedIn(after.Spec.Role);
                events.Normal(after, EventReasons.SessionRenewed, $"until {until}");
            }

            if (before.Status.ServiceAccount?.Uid != after.Status?.ServiceAccount?.Uid)
            {
                events.Warning(after, EventReasons.AccessRestored, "the ServiceAccount was gone and has been made again; earlier tokens stay invalid");
            }
        }

        ledger.Granted(after, window);
        Log.SessionReady(logger, after.Metadata.Name, after.Spec.Username, after.Spec.Role, scope, window.End);
    }

    /// <summary>Reports a session whose access is revoked for good.</summary>
    /// <param name="signin">The session.</param>
    /// <param name="window">Its time.</param>
    /// <param name="how">One of <see cref="SessionEndings"/>.</param>
    /// <param name="revoked">What this pass revoked; when that is nothing, the end has been reported, or there was no access.</param>
    public void Revoked(TkaSignin signin, SessionWindow window, string how, SessionAccess revoked)
    {
        var now = time.GetUtcNow();
        _askedSince.TryRemove(signin.Metadata.Name, out _);

        // The ledger first hears of an ending here, also when a crash cut off the pass that revoked the access.
        var wasBound = revoked.Bindings.Any(binding => binding.Grants(signin.Spec.Role, ObjectKey.Of(signin)));
        ledger.Ended(signin, how, now, wasBound ? window : null);
        if (revoked.IsEmpty)
        {
            return;
        }

        if (how == SessionEndings.Expired)
        {
            metrics.Revoked(now - window.End);
            events.Normal(signin, EventReasons.SessionExpired, $"its time was over at {UtcTimeConverter.ToText(window.End)}; access is revoked");
        }
        else
        {
            events.Normal(signin, EventReasons.SessionEnded, "signed out; access is revoked");
        }

        Log.SessionOver(logger, signin.Metadata.Name, signin.Spec.Username, how);
    }

    /// <summary>Reports a refusal, once.</summary>
    public void Rejected(TkaSignin before, TkaSignin after, SessionRejectedException refusal)
    {
        _askedSince.TryRemove(after.Metadata.Name, out _);
        if (refusal.Reason == ConditionReasons.DeniedByPolicy)
        {
            // Not the grant is at fault but the cluster, which may deny every other session as well.
            failures.Add(SessionFailures.Sessions, after.Metadata.Name, refusal.Message);
        }
        else
        {
            failures.Remove(SessionFailures.Sessions, after.Metadata.Name);
        }

        if (ReferenceEquals(before, after))
        {
            return;
        }

        metrics.Rejected(after.Spec.Role, refusal.Reason);
        events.Warning(after, EventReasons.SessionRejected, $"{refusal.Reason}: {refusal.Message}");
        if (before.Status?.Provisioned == true)
        {
            ledger.Ended(after, SessionEndings.Rejected, time.GetUtcNow());
        }

        Log.SessionRejected(logger, after.Metadata.Name, after.Spec.Username, refusal.Reason, refusal.Message);
    }

    /// <summary>Reports that revoking access failed this time.</summary>
    public void RevocationFailed(TkaSignin signin, string error)
    {
        metrics.RevocationFailed();
        events.Warning(signin, EventReasons.RevocationFailed, "revoking access failed and is tried again");
        Log.RevocationFailed(logger, signin.Metadata.Name, error);
    }

    /// <summary>Reports that objects without a TkaSignin were removed.</summary>
    public void Vanished(string session, SessionAccess access)
    {
        var uids = access.ServiceAccounts.Select(account => SessionLabels.SessionUidOf(account.Metadata))
            .Concat(access.Bindings.Select(binding => binding.SessionUid))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal);
        foreach (var uid in uids)
        {
            ledger.Vanished(uid, session, time.GetUtcNow());
        }
    }
}

using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Signins;

namespace TKA.Api.Sessions;

/// <summary>What a TkaSignin means at a moment.</summary>
internal enum SessionState
{
    /// <summary>No session, or one that is over or being ended.</summary>
    None,

    /// <summary>Asked for; the operator is not done with it.</summary>
    Pending,

    /// <summary>Usable.</summary>
    Ready,

    /// <summary>Refused by the operator; waiting does not help.</summary>
    Rejected,
}

/// <summary>Reads a TkaSignin as the API's clients see it.</summary>
internal static class SessionView
{
    /// <summary>The state of a session.</summary>
    public static SessionState State(TkaSignin? session, DateTimeOffset now)
    {
        if (session is null || session.Metadata.DeletionTimestamp is not null || Until(session) is not { } until || until <= now)
        {
            return SessionState.None;
        }

        if (IsSettled(session))
        {
            if (session.ReadyCondition() is { Status: "False", Reason: var reason } && ConditionReasons.IsRejection(reason))
            {
                return SessionState.Rejected;
            }

            if (session.IsReady())
            {
                return SessionState.Ready;
            }
        }

        return SessionState.Pending;
    }

    /// <summary>
    /// When the session ends: the earlier of what the operator says and what the object asks for, so that neither a
    /// shortened session nor a status from before a renewal shows more than there is. <see langword="null"/>: unreadable.
    /// </summary>
    public static DateTimeOffset? Until(TkaSignin session)
    {
        if (Since(session) is not { } since || !GoDuration.TryParse(session.Spec.ValidityPeriod, out var period))
        {
            return session.ValidUntil();
        }

        var asked = since + period;
        return IsSettled(session) && session.ValidUntil() is { } until && until < asked ? until : asked;
    }

    /// <summary>When the person last signed in.</summary>
    public static DateTimeOffset? Since(TkaSignin session) =>
        session.LastAttemptedSignIn()
        ?? (session.Metadata.CreationTimestamp is { } created ? new DateTimeOffset(DateTime.SpecifyKind(created, DateTimeKind.Utc)) : null);

    /// <summary>The session as login, status and logout show it.</summary>
    public static SessionResponse Response(TkaSignin session, SessionState? state = null)
    {
        var condition = session.ReadyCondition();
        return new SessionResponse
        {
            Username = session.Spec.Username,
            Role = session.Spec.Role,
            Until = Until(session) ?? default,
            Namespaces = session.Spec.Namespaces is { Count: > 0 } namespaces ? namespaces : null,
            Status = state switch
            {
                SessionState.Ready => SessionStatus.Ready,
                SessionState.Pending => SessionStatus.Pending,
                SessionState.Rejected => SessionStatus.Rejected,
                _ => null,
            },
            Reason = state == SessionState.Rejected ? condition?.Reason : null,
            Message = state is SessionState.Rejected or SessionState.Pending && IsSettled(session) && condition?.Message is { Length: > 0 } message ? message : null,
        };
    }

    /// <summary>The session as admins see it.</summary>
    public static SessionItem Item(TkaSignin session, DateTimeOffset now) => new()
    {
        Name = session.Metadata.Name,
        Username = session.Spec.Username,
        Role = session.Spec.Role,
        Namespaces = session.Namespaces(),
        Since = Since(session) ?? default,
        Until = Until(session) ?? default,
        Provisioned = State(session, now) == SessionState.Ready,
    };

    /// <summary>Whether the operator's status speaks of the current spec and of the latest sign-in, and not of those before.</summary>
    public static bool IsSettled(TkaSignin session) =>
        session.Status is { } status
        && status.ObservedGeneration == session.Metadata.Generation
        && (status.SignedIn is null
            || session.LastAttemptedSignIn() is not { } attempted
            || (UtcTimeConverter.TryParse(status.SignedIn, out var signedIn) && signedIn >= attempted));
}

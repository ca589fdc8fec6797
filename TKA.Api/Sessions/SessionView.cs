using TKA.Contracts.Rest;
using TKA.Kubernetes.Sessions;

namespace TKA.Api.Sessions;

/// <summary>A session as the API's clients see it.</summary>
internal static class SessionView
{
    /// <summary>The session as login, status and logout show it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="now">The cluster's time.</param>
    /// <param name="state">Its state, to be shown as status; <see langword="null"/>: not shown.</param>
    public static SessionResponse Response(TkaSignin session, DateTimeOffset now, SessionState? state = null)
    {
        // Also a failure of the first try, when the status says nothing else yet.
        var condition = session.ReadyCondition();
        var explains = state is SessionState.Rejected
            || (state is SessionState.Pending && condition is { Status: "False" } && condition.ObservedGeneration == session.Metadata.Generation);
        return new SessionResponse
        {
            Username = session.Spec.Username,
            Role = session.Spec.Role,
            IsBase = session.IsBase(),
            Until = SessionWindow.Of(session, now).End,
            Namespaces = session.Spec.Namespaces is { Count: > 0 } namespaces ? namespaces : null,
            Status = state switch
            {
                SessionState.Ready => SessionStatus.Ready,
                SessionState.Pending => SessionStatus.Pending,
                SessionState.Rejected => SessionStatus.Rejected,
                _ => null,
            },
            Reason = explains ? condition!.Reason : null,
            Message = explains && condition!.Message.Length > 0 ? condition.Message : session.MissingNamespaces(),
        };
    }

    /// <summary>The session as admins see it.</summary>
    public static SessionItem Item(TkaSignin session, DateTimeOffset now)
    {
        var window = SessionWindow.Of(session, now);
        return new SessionItem
        {
            Name = session.Metadata.Name,
            Username = session.Spec.Username,
            Role = session.Spec.Role,
            Namespaces = session.Namespaces(),
            Since = window.Start,
            Until = window.End,
            Provisioned = session.StateAt(now) == SessionState.Ready,
        };
    }
}

namespace TKA.Operator.Sessions;

/// <summary>All log messages about sessions. They name people and roles, for audit, and never a token.</summary>
internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} of {User}: role {Role} ({Scope}) until {Until}.")]
    public static partial void SessionReady(ILogger logger, string session, string user, string role, string scope, DateTimeOffset until);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} of {User} is over ({How}); its access is revoked.")]
    public static partial void SessionOver(ILogger logger, string session, string user, string how);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {Session} of {User} was refused: {Reason}: {Explanation}")]
    public static partial void SessionRejected(ILogger logger, string session, string user, string reason, string explanation);

    [LoggerMessage(Level = LogLevel.Error, Message = "Revoking the access of session {Session} failed; it is tried again. {Error}")]
    public static partial void RevocationFailed(ILogger logger, string session, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Removing the remaining objects of session {Session}, whose TkaSignin has vanished.")]
    public static partial void RemovingOrphans(ILogger logger, string session);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The status of session {Session} could not be written. {Error}")]
    public static partial void StatusFailed(ILogger logger, string session, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "ClusterRole {Role}, which operator:allowedRoles names, does not exist.")]
    public static partial void AllowedRoleMissing(ILogger logger, string role);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Event {Reason} on {Session} was given up on. {Error}")]
    public static partial void EventDropped(ILogger logger, string reason, string session, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Not leading: {Explanation}")]
    public static partial void PoliciesMissing(ILogger logger, string explanation);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Leading to end sessions, although {Explanation}")]
    public static partial void PoliciesUnknown(ILogger logger, string explanation);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Explanation}")]
    public static partial void PoliciesGone(ILogger logger, string explanation);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Whether the admission policies are in force could not be asked. {Error}")]
    public static partial void PolicyCheckFailed(ILogger logger, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Binding {Binding} of role {Role}, which TKA did not make, names {Session} of the sessions namespace.")]
    public static partial void ForeignBinding(ILogger logger, string binding, string role, string session);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "ClusterRoleBinding {Binding} of role {Role} looks like a session of the Go TKA, which no longer ends by itself. If the Go TKA is gone, remove it after a look: kubectl delete clusterrolebinding {Binding}; kubectl -n {Namespace} delete serviceaccount {Account}")]
    public static partial void GoBinding(ILogger logger, string binding, string role, string @namespace, string account);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Foreign bindings could not be looked for. {Error}")]
    public static partial void ForeignBindingsUnknown(ILogger logger, string error);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The admission policy {Policy}, which keeps this operator until the last session has ended, cannot be created; it is tried again every 10 minutes. {Error}")]
    public static partial void LeavingPolicyMissing(ILogger logger, string policy, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Leading to end sessions: their namespace {Namespace} is being deleted.")]
    public static partial void LeadingToEnd(ILogger logger, string @namespace);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "What a refused `kubectl delete -k` leaves does not go by itself after the last session; the command has to be repeated. {Error}")]
    public static partial void LeavingOwnersMissing(ILogger logger, string error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Managing {Count} sessions.")]
    public static partial void Started(ILogger logger, int count);
}

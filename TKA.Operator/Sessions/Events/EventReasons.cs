namespace TKA.Operator.Sessions.Events;

/// <summary>Reasons of the Events on a TkaSignin.</summary>
internal static class EventReasons
{
    public const string SessionStarted = "SessionStarted";
    public const string SessionRenewed = "SessionRenewed";
    public const string RoleChanged = "RoleChanged";
    public const string SessionExpired = "SessionExpired";
    public const string SessionEnded = "SessionEnded";
    public const string SessionRejected = "SessionRejected";
    public const string TokenIssued = "TokenIssued";
    public const string ForeignBinding = "ForeignBinding";
    public const string RevocationFailed = "RevocationFailed";
    public const string AccessRestored = "AccessRestored";
}

using TKA.Contracts.Rest;

namespace TKA.Web.Access;

/// <summary>States of sessions in words.</summary>
internal static class SessionText
{
    public static string State(SessionResponse session) => session.Status switch
    {
        SessionStatus.Ready => "Ready",
        SessionStatus.Rejected => "Refused",
        _ => "Being set up",
    };

    public static string Kind(SessionResponse session) => session.Status switch
    {
        SessionStatus.Ready => "good",
        SessionStatus.Rejected => "bad",
        _ => "busy",
    };
}

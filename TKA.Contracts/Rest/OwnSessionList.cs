using System.Text.Json.Serialization;

namespace TKA.Contracts.Rest;

/// <summary>
/// Answer to <c>GET /login?all=true</c> (the caller's sessions, none included) and to <c>POST /logout?all=true</c> (the sessions that were
/// ended; 404 when there was none).
/// </summary>
public sealed record OwnSessionList
{
    /// <summary>The base session first if there is one, then the others by role.</summary>
    [JsonPropertyName("items")]
    public required IReadOnlyList<SessionResponse> Items { get; init; }
}

using System.Text.Json.Serialization;

namespace TKA.Contracts.Operator;

/// <summary>Asks for a token of one session, naming the session the caller has in mind so that a newer one is not served by mistake.</summary>
public sealed record SessionTokenRequest
{
    /// <summary>UID of the TkaSignin.</summary>
    [JsonPropertyName("uid")]
    public required string Uid { get; init; }

    /// <summary>Full login name the token is for; must equal the session's.</summary>
    [JsonPropertyName("username")]
    public required string Username { get; init; }
}

/// <summary>A token. Never logged, never stored by a server.</summary>
public sealed record SessionToken
{
    /// <summary>The ServiceAccount token.</summary>
    [JsonPropertyName("token")]
    public required string Token { get; init; }

    /// <summary>Expiry the cluster stated for the token; may be later than the session's end (ten-minute minimum) or earlier than asked.</summary>
    [JsonPropertyName("expirationTimestamp"), JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset ExpirationTimestamp { get; init; }

    /// <summary>End of the session.</summary>
    [JsonPropertyName("validUntil"), JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset ValidUntil { get; init; }
}

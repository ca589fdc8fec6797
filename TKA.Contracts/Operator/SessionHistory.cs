using System.Text.Json.Serialization;

namespace TKA.Contracts.Operator;

/// <summary>Answer to <c>GET /v1/history</c>: who had which role when.</summary>
public sealed record SessionHistory
{
    /// <summary>Sessions that had access in the span that was asked for: the oldest first, and of pages (<c>limit</c>) the newest first.</summary>
    [JsonPropertyName("items")]
    public required IReadOnlyList<RecordedSession> Items { get; init; }

    /// <summary>Pass as <c>?continue=</c> for the next page; absent on the last.</summary>
    [JsonPropertyName("continue"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Continue { get; init; }
}

/// <summary>A session as the ledger has it.</summary>
public sealed record RecordedSession
{
    /// <summary>UID of its TkaSignin.</summary>
    [JsonPropertyName("uid")]
    public required string Uid { get; init; }

    /// <summary>Name of its TkaSignin.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>Full login name.</summary>
    [JsonPropertyName("username")]
    public required string Username { get; init; }

    /// <summary>Device.</summary>
    [JsonPropertyName("node"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Node { get; init; }

    /// <summary>What was granted, oldest first. Of pages, a grant and its renewals are one.</summary>
    [JsonPropertyName("grants")]
    public required IReadOnlyList<RecordedGrant> Grants { get; init; }

    /// <summary>When its access was gone; absent: it still has it.</summary>
    [JsonPropertyName("ended"), JsonConverter(typeof(UtcTimeConverter)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Ended { get; init; }

    /// <summary>How it ended: <c>expired</c>, <c>ended</c>, <c>vanished</c> or <c>rejected</c>.</summary>
    [JsonPropertyName("how"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? How { get; init; }
}

/// <summary>A role for a time.</summary>
public sealed record RecordedGrant
{
    /// <summary>ClusterRole.</summary>
    [JsonPropertyName("role")]
    public required string Role { get; init; }

    /// <summary>Namespaces; empty: cluster-wide.</summary>
    [JsonPropertyName("namespaces")]
    public IReadOnlyList<string> Namespaces { get; init => field = value ?? []; } = [];

    /// <summary>Since when.</summary>
    [JsonPropertyName("from"), JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset From { get; init; }

    /// <summary>Until when it was granted; the session may have ended before.</summary>
    [JsonPropertyName("until"), JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset Until { get; init; }
}

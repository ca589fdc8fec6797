using System.Text.Json.Serialization;

namespace TKA.Contracts.Rest;

/// <summary>Answer to login, login status and logout.</summary>
public sealed record SessionResponse
{
    /// <summary>Full login name.</summary>
    [JsonPropertyName("username")]
    public required string Username { get; init; }

    /// <summary>ClusterRole.</summary>
    [JsonPropertyName("role")]
    public required string Role { get; init; }

    /// <summary>Whether this is the person's base session; <see langword="null"/> from servers before there were several.</summary>
    [JsonPropertyName("base"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsBase { get; init; }

    /// <summary>When the session ends, RFC 3339 UTC.</summary>
    [JsonPropertyName("until"), JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset Until { get; init; }

    /// <summary>Namespaces the role is bound in; absent: cluster-wide.</summary>
    [JsonPropertyName("namespaces"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Namespaces { get; init; }

    /// <summary><c>ready</c>, <c>pending</c> or <c>rejected</c>.</summary>
    [JsonPropertyName("status"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Status { get; init; }

    /// <summary>Why, when rejected or failing: a condition reason such as <c>RoleNotAllowed</c> or <c>Failed</c>.</summary>
    [JsonPropertyName("reason"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>The operator's explanation, when rejected or failing, or when namespaces of the grant are missing.</summary>
    [JsonPropertyName("message"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Message { get; init; }
}

/// <summary>Values of <see cref="SessionResponse.Status"/>.</summary>
public static class SessionStatus
{
    /// <summary>Usable.</summary>
    public const string Ready = "ready";

    /// <summary>Being set up.</summary>
    public const string Pending = "pending";

    /// <summary>Refused by the operator; waiting does not help.</summary>
    public const string Rejected = "rejected";
}

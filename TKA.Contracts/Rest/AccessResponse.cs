using System.Text.Json.Serialization;

namespace TKA.Contracts.Rest;

/// <summary>Answer to <c>GET /access</c>: what a login would give, and why.</summary>
public sealed record AccessResponse
{
    /// <summary>Full login name.</summary>
    [JsonPropertyName("username")]
    public required string Username { get; init; }

    /// <summary>Display name of the person.</summary>
    [JsonPropertyName("display_name")]
    public string DisplayName { get; init => field = value ?? ""; } = "";

    /// <summary>Short name of the caller's device.</summary>
    [JsonPropertyName("node")]
    public required string Node { get; init; }

    /// <summary>Role of the rule that wins.</summary>
    [JsonPropertyName("role")]
    public required string Role { get; init; }

    /// <summary>Its period.</summary>
    [JsonPropertyName("period"), JsonConverter(typeof(GoDurationConverter))]
    public required TimeSpan Period { get; init; }

    /// <summary>Its namespaces; empty: cluster-wide.</summary>
    [JsonPropertyName("namespaces")]
    public IReadOnlyList<string> Namespaces { get; init => field = value ?? []; } = [];

    /// <summary>Whether any rule makes the caller an admin of TKA.</summary>
    [JsonPropertyName("admin")]
    public bool Admin { get; init; }

    /// <summary>All rules, the winner first.</summary>
    [JsonPropertyName("rules")]
    public required IReadOnlyList<AccessRule> Rules { get; init; }
}

/// <summary>One rule and whether it is the default.</summary>
public sealed record AccessRule
{
    /// <summary>ClusterRole.</summary>
    [JsonPropertyName("role")]
    public required string Role { get; init; }

    /// <summary>Longest session.</summary>
    [JsonPropertyName("period"), JsonConverter(typeof(GoDurationConverter))]
    public required TimeSpan Period { get; init; }

    /// <summary>Priority.</summary>
    [JsonPropertyName("priority")]
    public int Priority { get; init; }

    /// <summary>Namespaces; empty: cluster-wide.</summary>
    [JsonPropertyName("namespaces")]
    public IReadOnlyList<string> Namespaces { get; init => field = value ?? []; } = [];

    /// <summary>Admin rule.</summary>
    [JsonPropertyName("admin")]
    public bool Admin { get; init; }

    /// <summary>Whether a login without <c>role</c> gets this rule.</summary>
    [JsonPropertyName("wins")]
    public bool Wins { get; init; }

    /// <summary>Why it wins or does not, for people.</summary>
    [JsonPropertyName("why")]
    public string Why { get; init => field = value ?? ""; } = "";

    /// <summary>Why the operator will not bind the rule, and the ways out, for people; empty: it will.</summary>
    [JsonPropertyName("refusal")]
    public string Refusal { get; init => field = value ?? ""; } = "";
}

using System.Text.Json.Serialization;

namespace TKA.Contracts.Sessions;

/// <summary>What the API asks for: one person's access, for a time.</summary>
public sealed record TkaSigninSpec
{
    /// <summary>Full login name (<c>alice@example.com</c>). Immutable.</summary>
    [JsonPropertyName("username")]
    public string Username { get; init => field = value ?? ""; } = "";

    /// <summary>ClusterRole to bind.</summary>
    [JsonPropertyName("role")]
    public string Role { get; init => field = value ?? ""; } = "";

    /// <summary>Go duration, at least ten minutes; counted from the last sign-in. Text, so that an unreadable one can be reported rather than fail the whole list.</summary>
    [JsonPropertyName("validity_period")]
    public string ValidityPeriod { get; init => field = value ?? ""; } = "";

    /// <summary>Namespaces to bind in; absent or empty: cluster-wide.</summary>
    [JsonPropertyName("namespaces"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Namespaces { get; init; }

    /// <summary>The device signed in from.</summary>
    [JsonPropertyName("node"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SigninNode? Node { get; init; }
}

/// <summary>The tailnet device of a session.</summary>
public sealed record SigninNode
{
    /// <summary>Short MagicDNS name.</summary>
    [JsonPropertyName("name")]
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Tailscale StableID, for example <c>n0000002CNTRL</c>.</summary>
    [JsonPropertyName("stableID")]
    public string StableId { get; init => field = value ?? ""; } = "";
}

using System.Text.Json.Serialization;

namespace TKA.Contracts.Capabilities;

/// <summary>
/// One rule of the TKA capability in the tailnet policy, for example
/// <c>{"role":"view","period":"8h","priority":100,"namespaces":["team-a"]}</c>.
/// </summary>
/// <remarks>
/// Parsed strictly about types and tolerantly about unknown fields by TKA.Tailscale; the wire format is the Go TKA's.
/// Two rules are equal when every field is, so identical rules from several grants count once.
/// </remarks>
public sealed record CapabilityRule
{
    /// <summary>Name of the ClusterRole to bind.</summary>
    [JsonPropertyName("role")]
    public required string Role { get; init; }

    /// <summary>How long a session lives at most.</summary>
    [JsonPropertyName("period"), JsonConverter(typeof(GoDurationConverter))]
    public required TimeSpan Period { get; init; }

    /// <summary>The highest wins. Default 0.</summary>
    [JsonPropertyName("priority")]
    public int Priority { get; init; }

    /// <summary>Namespaces to bind the role in, sorted and without duplicates. Empty: cluster-wide.</summary>
    [JsonPropertyName("namespaces")]
    public IReadOnlyList<string> Namespaces { get; init => field = value ?? []; } = [];

    /// <summary>Whether the holder may see and end the sessions of others, and register clusters.</summary>
    [JsonPropertyName("admin")]
    public bool Admin { get; init; }

    /// <inheritdoc/>
    public bool Equals(CapabilityRule? other) =>
        other is not null
        && Role == other.Role
        && Period == other.Period
        && Priority == other.Priority
        && Admin == other.Admin
        && Namespaces.SequenceEqual(other.Namespaces, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Role, Period, Priority, Admin, Namespaces.Count);
}

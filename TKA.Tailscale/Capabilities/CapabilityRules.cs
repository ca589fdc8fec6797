using TKA.Contracts.Capabilities;

namespace TKA.Tailscale.Capabilities;

/// <summary>What the grants give one peer: rules, or the reason why they cannot be read. Never both.</summary>
public sealed record CapabilityRules
{
    /// <summary>No rule.</summary>
    public static CapabilityRules None { get; } = new();

    /// <summary>The rules in policy order, duplicates included. Empty when <see cref="Error"/> is set.</summary>
    public IReadOnlyList<CapabilityRule> Items { get; init; } = [];

    /// <summary>Why the rules cannot be read. One bad rule spoils all: guessing at the rest could give more than was meant.</summary>
    public CapabilityError? Error { get; init; }

    /// <summary>Whether any rule makes the holder an admin of TKA.</summary>
    public bool IsAdmin => Items.Any(rule => rule.Admin);
}

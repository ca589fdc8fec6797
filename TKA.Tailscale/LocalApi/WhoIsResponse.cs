using System.Text.Json;
using System.Text.Json.Serialization;

namespace TKA.Tailscale.LocalApi;

/// <summary>Answer of <c>whois</c>: the node, its owner, and the capabilities that grants give it towards this node.</summary>
public sealed record WhoIsResponse
{
    /// <summary>The peer.</summary>
    public required WhoIsNode Node { get; init; }

    /// <summary>Owner of the peer. For tagged nodes the pseudo user <c>tagged-devices</c>: decide on <see cref="WhoIsNode.Tags"/>.</summary>
    public required UserProfile UserProfile { get; init; }

    /// <summary>
    /// Capabilities by name, each a JSON array with the values of all grants in policy order (or JSON null).
    /// <see langword="null"/> when no grant gives any.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement>? CapMap { get; init; }
}

/// <summary>A node as <c>whois</c> describes it. What the node says of itself (Hostinfo) is left out on purpose.</summary>
public sealed record WhoIsNode
{
    /// <summary>Identifier that survives renaming and key rotation, for example <c>n0000002CNTRL</c>.</summary>
    public string StableID { get; init => field = value ?? ""; } = "";

    /// <summary>MagicDNS name with trailing dot.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Id of the owner. Exceeds 2^53.</summary>
    public long User { get; init; }

    /// <summary>Id of the user who shared the node into this tailnet; 0 when it is no guest.</summary>
    public long Sharer { get; init; }

    /// <summary>Current node key, <c>nodekey:…</c>.</summary>
    public string Key { get; init => field = value ?? ""; } = "";

    /// <summary>When the node key expires; <see langword="null"/>: never.</summary>
    [JsonConverter(typeof(GoTimeConverter))]
    public DateTimeOffset? KeyExpiry { get; init; }

    /// <summary>Tailnet addresses in CIDR form.</summary>
    public IReadOnlyList<string>? Addresses { get; init; }

    /// <summary>Tags. A tagged node belongs to no person.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Short MagicDNS name; the full name for nodes shared in.</summary>
    public string ComputedName { get; init => field = value ?? ""; } = "";

    /// <summary>Whether the node key has expired. <c>whois</c> still answers then, capabilities and all.</summary>
    public bool Expired { get; init; }
}

/// <summary>A user of the tailnet.</summary>
public sealed record UserProfile
{
    /// <summary>Id. Exceeds 2^53.</summary>
    public long ID { get; init; }

    /// <summary>For example <c>alice@example.com</c> or <c>alice@github</c>.</summary>
    public string LoginName { get; init => field = value ?? ""; } = "";

    /// <summary>Name for people to read.</summary>
    public string DisplayName { get; init => field = value ?? ""; } = "";

    /// <summary>URL of a picture.</summary>
    public string? ProfilePicURL { get; init; }
}

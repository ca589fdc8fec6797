using System.Net;
using System.Text.Json;
using TKA.Tailscale.Capabilities;
using TKA.Tailscale.LocalApi;

namespace TKA.Tailscale.Authentication;

/// <summary>A caller as tailscaled describes it: a person's device, or a tagged node.</summary>
public sealed record TailscalePeer
{
    /// <summary>Full login name, as tailscaled gives it. For tagged nodes <c>tagged-devices</c>, which is no person.</summary>
    public required string LoginName { get; init; }

    /// <summary>Name of the person, for people to read. Chosen by the person: never an identity.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>Short name of the device.</summary>
    public required string NodeName { get; init; }

    /// <summary>MagicDNS name of the device, without trailing dot.</summary>
    public string NodeFqdn { get; init; } = "";

    /// <summary>Stable id of the device; survives renaming and key rotation.</summary>
    public required string NodeStableId { get; init; }

    /// <summary>Tailnet addresses of the device. They may be given to another device later: compare the stable id too.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>When the node key expires; <see langword="null"/>: never.</summary>
    public DateTimeOffset? KeyExpiry { get; init; }

    /// <summary>Tags. With any, no person is behind the device.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whether this is a tagged node.</summary>
    public bool IsTagged => Tags.Count > 0;

    /// <summary>Raw value of TKA's capability: a JSON array, null, or undefined when not granted.</summary>
    public JsonElement Capability { get; init; }

    /// <summary>The rules that the capability holds.</summary>
    public CapabilityRules Rules { get; init; } = CapabilityRules.None;

    /// <summary>Who this is in one word: the login name, or tags and device for tagged nodes.</summary>
    public string Principal => IsTagged ? $"{string.Join('+', Tags)} ({NodeName})" : LoginName;

    internal static TailscalePeer From(WhoIsResponse whoIs, string capName)
    {
        var node = whoIs.Node;
        var capability = whoIs.CapMap is { } map && map.TryGetValue(capName, out var values) ? values : default;
        var fqdn = node.Name.TrimEnd('.');
        return new TailscalePeer
        {
            LoginName = whoIs.UserProfile.LoginName,
            DisplayName = whoIs.UserProfile.DisplayName,
            NodeName = node.ComputedName.Length > 0 ? node.ComputedName : fqdn.Split('.', 2)[0],
            NodeFqdn = fqdn,
            NodeStableId = node.StableID,
            KeyExpiry = node.KeyExpiry,
            Tags = node.Tags ?? [],
            Addresses = [.. AddressesOf(node)],
            Capability = capability,
            Rules = CapabilityParser.Parse(capability),
        };
    }

    private static IEnumerable<IPAddress> AddressesOf(WhoIsNode node)
    {
        foreach (var prefix in node.Addresses ?? [])
        {
            if (IPNetwork.TryParse(prefix, out var network))
            {
                yield return network.BaseAddress;
            }
        }
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Tailnet.Policy;

namespace TKA.DevEnvironment.Tailnet;

/// <summary>The tailnet under one policy: nodes, and what grants give them towards TKA's own node. Immutable.</summary>
internal sealed class TailnetView
{
    private readonly PolicyFile _policy;
    private readonly Dictionary<IPAddress, TailnetNode> _byLoopback = [];
    private readonly Dictionary<IPAddress, TailnetNode> _byAddress = [];
    private readonly Dictionary<string, TailnetNode> _byKey = new(StringComparer.Ordinal);

    public TailnetView(PolicyFile policy, EmbeddedTailnetOptions options)
    {
        _policy = policy;
        var first = TailnetNode.Create(1, TkaNode(TailnetNode.Tka));
        Add(first);
        var nodes = options.Nodes.Where(node => !policy.Devices.ContainsKey(node.Key)).Select(node => KeyValuePair.Create(node.Key, TkaNode(node.Value)));
        foreach (var (address, device) in policy.Devices.Concat(nodes).OrderBy(entry => NumberOf(entry.Key)))
        {
            var node = device.IsSelf ? first : TailnetNode.Create(NumberOf(address) + 1, device);
            _byLoopback.Add(address, node);
            if (!device.IsSelf)
            {
                Add(node);
            }
        }

        Self = options.SelfAddress is { } self ? _byLoopback[self] : first;
        Peers = [.. _byKey.Values.Where(node => node != Self).OrderBy(node => node.Id)];
    }

    /// <summary>TKA's own node.</summary>
    public TailnetNode Self { get; }

    /// <summary>All others.</summary>
    public IReadOnlyList<TailnetNode> Peers { get; }

    /// <summary>The node whose connections come from a loopback address, as the proxy map of userspace networking knows it.</summary>
    public TailnetNode? ByLoopback(IPAddress address) => _byLoopback.GetValueOrDefault(address);

    /// <summary>The loopback address of a node; null for TKA's own node unless the policy gives it one.</summary>
    public IPAddress? LoopbackOf(TailnetNode node) => _byLoopback.FirstOrDefault(entry => entry.Value == node).Key;

    public TailnetNode? ByAddress(IPAddress address) => _byAddress.GetValueOrDefault(address);

    public TailnetNode? ByKey(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>
    /// Capabilities of a node towards TKA's, values of several grants concatenated in policy order; null when there is
    /// none. Source and destination must be of one address family, which every node here has both of.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<JsonNode?>>? CapabilitiesOf(TailnetNode node)
    {
        var capabilities = new SortedDictionary<string, IReadOnlyList<JsonNode?>>(StringComparer.Ordinal);
        foreach (var grant in _policy.Grants)
        {
            if (!grant.Source.Any(selector => Selectors.MatchesSource(_policy, selector, node))
                || !grant.Destination.Any(selector => Selectors.MatchesDestination(_policy, selector, Self)))
            {
                continue;
            }

            foreach (var (name, values) in grant.App)
            {
                capabilities[name] = [.. capabilities.GetValueOrDefault(name, []), .. values];
            }
        }

        return capabilities.Count == 0 ? null : capabilities;
    }

    private static PolicyDevice TkaNode(string name) => new() { Name = name, Tags = ["tag:tka"] };

    private static int NumberOf(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [_, _, var high, var low] ? (high << 8) + low : 0;

    private void Add(TailnetNode node)
    {
        _byKey.Add(node.Key, node);
        foreach (var address in node.Addresses)
        {
            _byAddress.Add(address, node);
        }
    }
}

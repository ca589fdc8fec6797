using System.Net;
using System.Net.Sockets;

namespace TKA.DevEnvironment.Tailnet.Policy;

/// <summary>Which nodes a grant's <c>src</c> and <c>dst</c> select.</summary>
internal static class Selectors
{
    public static bool TryNetwork(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            network = new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }

    /// <summary>Whether a grant's source covers a node.</summary>
    public static bool MatchesSource(PolicyFile policy, string selector, TailnetNode node) => selector switch
    {
        "*" or "autogroup:danger-all" => true,
        "autogroup:member" => node.Tags.Count == 0,
        "autogroup:tagged" => node.Tags.Count > 0,
        _ when selector.StartsWith("group:", StringComparison.Ordinal) =>
            node.Tags.Count == 0 && policy.Groups[selector].Contains(node.User.LoginName, StringComparer.OrdinalIgnoreCase),
        _ => MatchesNode(policy, selector, node),
    };

    /// <summary>Whether a grant's destination covers a node. <c>svc:</c> never does: whois gives the node's capabilities.</summary>
    public static bool MatchesDestination(PolicyFile policy, string selector, TailnetNode node) =>
        selector == "*" || MatchesNode(policy, selector, node);

    private static bool MatchesNode(PolicyFile policy, string selector, TailnetNode node)
    {
        if (selector.StartsWith("tag:", StringComparison.Ordinal))
        {
            return node.Tags.Contains(selector);
        }

        if (policy.Hosts.TryGetValue(selector, out var host) || TryNetwork(selector, out host))
        {
            // Real policies are compiled to a node's first address of the network's family.
            return node.Addresses.Any(host.Contains);
        }

        return node.Tags.Count == 0 && node.User.LoginName.Equals(selector, StringComparison.OrdinalIgnoreCase);
    }
}

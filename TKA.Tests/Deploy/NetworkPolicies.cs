using System.Globalization;
using System.Net;
using YamlDotNet.RepresentationModel;
using static TKA.Tests.Deploy.Manifests;

namespace TKA.Tests.Deploy;

/// <summary>One end of a connection: a Pod of TKA's namespace, a Pod elsewhere, or an address outside the cluster.</summary>
/// <param name="Namespace">Namespace of the Pod; empty: not a Pod.</param>
/// <param name="Name">Its label app.kubernetes.io/name; for an address, the address.</param>
internal sealed record Peer(string Namespace, string Name)
{
    public bool IsOurs => Namespace == "tka-system";

    public static Peer Of(string text) => text.Split('/') is [var ns, var name] ? new(ns, name) : char.IsDigit(text[0]) ? new("", text) : new("tka-system", text);
}

/// <summary>What NetworkPolicies let through, by the rules of their API: additive, and closed for a Pod that any policy selects.</summary>
internal sealed class NetworkPolicies(IReadOnlyList<YamlNode> policies)
{
    public bool Allows(Peer from, Peer to, string protocol, int port) =>
        (!from.IsOurs || AllowsDirection("Egress", "egress", "to", from, to, protocol, port))
        && (!to.IsOurs || AllowsDirection("Ingress", "ingress", "from", to, from, protocol, port));

    private bool AllowsDirection(string type, string rules, string peers, Peer self, Peer other, string protocol, int port)
    {
        var selecting = policies.Where(policy => Items(policy, "spec", "policyTypes").Contains(type) && Selects(Find(policy, "spec", "podSelector")!, self)).ToArray();
        return selecting.Length == 0 || selecting.SelectMany(policy => Nodes(policy, "spec", rules)).Any(rule =>
            (!Nodes(rule, peers).Any() || Nodes(rule, peers).Any(peer => Matches(peer, other)))
            && (!Nodes(rule, "ports").Any() || Nodes(rule, "ports").Any(candidate => MatchesPort(candidate, protocol, port))));
    }

    private static bool Matches(YamlNode peer, Peer other)
    {
        if (Text(peer, "ipBlock", "cidr") is { } cidr)
        {
            return other.Namespace.Length == 0 && IPNetwork.Parse(cidr).Contains(IPAddress.Parse(other.Name));
        }

        if (other.Namespace.Length == 0)
        {
            return false;
        }

        var inNamespace = Find(peer, "namespaceSelector") is { } selector
            ? Text(selector, "matchLabels", "kubernetes.io/metadata.name") == other.Namespace
            : other.IsOurs;
        return inNamespace && (Find(peer, "podSelector") is not { } pods || Selects(pods, other));
    }

    private static bool MatchesPort(YamlNode candidate, string protocol, int port)
    {
        var first = int.Parse(Text(candidate, "port")!, CultureInfo.InvariantCulture);
        var last = Text(candidate, "endPort") is { } end ? int.Parse(end, CultureInfo.InvariantCulture) : first;
        return Text(candidate, "protocol") == protocol && port >= first && port <= last;
    }

    private static bool Selects(YamlNode selector, Peer pod)
    {
        var labels = new Dictionary<string, string> { ["app.kubernetes.io/name"] = pod.Name };
        if (pod.IsOurs)
        {
            labels["app.kubernetes.io/part-of"] = "tka";
        }

        var equal = Find(selector, "matchLabels") is not YamlMappingNode wanted
            || wanted.Children.All(label => labels.GetValueOrDefault(label.Key.ToString()) == label.Value.ToString());
        return equal && Nodes(selector, "matchExpressions").All(expression => Items(expression, "values").Contains(labels.GetValueOrDefault(Text(expression, "key")!)));
    }
}

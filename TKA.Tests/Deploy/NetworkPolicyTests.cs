using System.Globalization;
using Xunit;
using YamlDotNet.RepresentationModel;
using static TKA.Tests.Deploy.Manifests;

namespace TKA.Tests.Deploy;

/// <summary>Who talks to whom, and who must not.</summary>
public sealed class NetworkPolicyTests
{
    private static readonly string[] Needed =
    [
        "tka-api > tka-operator TCP 8443",
        "tka-api > kube-system/coredns UDP 53", "tka-operator > kube-system/coredns TCP 53", "tka-orchestrator > kube-system/coredns UDP 53",
        "tka-operator > 169.254.20.10 UDP 53",
        "tka-api > 10.96.0.1 TCP 443", "tka-operator > 10.96.0.1 TCP 443", "tka-operator > 192.0.2.1 TCP 6443", "tka-end-sessions > 192.0.2.1 TCP 6443", "tka-check > 10.96.0.1 TCP 443",
        "monitoring/prometheus > tka-api TCP 8080", "monitoring/prometheus > tka-operator TCP 8080", "monitoring/prometheus > tka-orchestrator TCP 8080",
        "tka-api > 203.0.113.1 TCP 443", "tka-api > 203.0.113.1 TCP 80", "tka-api > 203.0.113.1 UDP 41641", "tka-api > 203.0.113.1 UDP 1", "tka-orchestrator > 203.0.113.1 UDP 3478",
        "tka-orchestrator > 203.0.113.1 TCP 443", "tka-orchestrator > 203.0.113.1 TCP 80",
        "tka-operator > dapr-system/dapr-api TCP 443", "tka-operator > dapr-system/dapr-sentry TCP 50001", "tka-orchestrator > dapr-system/dapr-api TCP 443",
        "tka-operator > 192.0.2.9 TCP 5432", "tka-orchestrator > 192.0.2.9 TCP 5432",
    ];

    private static readonly string[] Refused =
    [
        "default/anything > tka-operator TCP 8443", "monitoring/prometheus > tka-operator TCP 8443", "tka-orchestrator > tka-operator TCP 8443",
        "default/anything > tka-api TCP 8080", "default/anything > tka-api TCP 443", "default/anything > tka-orchestrator TCP 8080",
        "tka-operator > 203.0.113.1 TCP 80", "tka-operator > 203.0.113.1 UDP 41641", "tka-orchestrator > 192.0.2.1 TCP 6443",
        "tka-api > 192.0.2.9 TCP 5432", "tka-api > 192.0.2.9 TCP 8443", "tka-api > dapr-system/dapr-api TCP 50001", "tka-operator > default/anything TCP 8080",
        "tka-end-sessions > 203.0.113.1 TCP 80", "tka-api > tka-orchestrator TCP 8080",
    ];

    [Fact]
    public async Task Each_part_reaches_what_it_needs_and_nothing_else()
    {
        var policies = await ReadAsync();
        Assert.All(Needed, flow => Assert.True(Allows(policies, flow), flow));
        Assert.All(Refused, flow => Assert.False(Allows(policies, flow), flow));
    }

    [Fact]
    public async Task No_rule_is_superfluous_and_none_can_be_lost_unseen()
    {
        var policies = await ReadAsync();
        foreach (var list in policies.SelectMany(policy => Walk(policy)).Where(found => found.Key is "egress" or "ingress" or "ports" or "to" or "from").Select(found => found.Node).OfType<YamlSequenceNode>())
        {
            // Without its only port a rule is wider, which the other end may hide: both ends name it.
            foreach (var rule in list.Children.Count == 1 && Text(list.Children[0], "port") is not null ? [] : list.Children.ToArray())
            {
                var at = list.Children.IndexOf(rule);
                list.Children.RemoveAt(at);
                Assert.True(Needed.Any(flow => !Allows(policies, flow)) || Refused.Any(flow => Allows(policies, flow)), $"nothing needs {rule}");
                list.Children.Insert(at, rule);
            }
        }

        foreach (var policy in policies)
        {
            var others = policies.Where(other => other != policy).ToArray();
            Assert.True(Needed.Any(flow => !Allows(others, flow)) || Refused.Any(flow => Allows(others, flow)), Text(policy, "metadata", "name"));
        }
    }

    [Fact]
    public async Task A_collector_is_reached_by_one_value()
    {
        var rendered = await Rendering.ChartAsync(
            "standard", "--set-json", """networkPolicy.extraEgress=[{"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"otel"}}}],"ports":[{"protocol":"TCP","port":4317}]}]""");
        var policies = Policies(rendered);
        Assert.All((string[])["tka-api", "tka-operator", "tka-orchestrator"], part => Assert.True(Allows(policies, $"{part} > otel/collector TCP 4317")));
        Assert.False(Allows(policies, "tka-api > otel/collector TCP 4318"));
    }

    private static async Task<IReadOnlyList<YamlNode>> ReadAsync() => Policies(await Rendering.ChartAsync("standard"));

    private static IReadOnlyList<YamlNode> Policies(string rendered) => [.. Parse(rendered).Where(node => Text(node, "kind") == "NetworkPolicy")];

    private static bool Allows(IReadOnlyList<YamlNode> policies, string flow)
    {
        var words = flow.Split(' ');
        return new NetworkPolicies(policies).Allows(Peer.Of(words[0]), Peer.Of(words[2]), words[3], int.Parse(words[4], CultureInfo.InvariantCulture));
    }
}

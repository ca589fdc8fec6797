using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;
using YamlDotNet.RepresentationModel;
using static TKA.Tests.Deploy.Manifests;

namespace TKA.Tests.Deploy;

/// <summary>
/// Pods with IPv6 addresses only: no rendered object names an IPv4 address, but those of the loopback interface, which such a Pod has like
/// every other, and of what is a value of the chart.
/// </summary>
public sealed partial class AddressTests
{
    private static readonly Dictionary<string, string> Known = new()
    {
        ["Server__Address 127.0.0.1"] = "tailscaled in userspace mode hands every connection to it, IPv6 ones too: tailscale v1.102.3, wgengine/netstack/netstack.go:1728",
        ["Server__ServeAddress 127.0.0.2:8444"] = "where tailscaled serves the Tailscale Service, and forwards nothing else",
        ["serve.json http://127.0.0.2:8444"] = "the same, at tailscaled's end",
        ["DAPR_GRPC_ENDPOINT http://127.0.0.1:50001"] = "daprd listens on [::1] and 127.0.0.1: dapr v1.18.3, pkg/injector/patcher/sidecar.go:87",
        ["cidr 169.254.20.10/32"] = "networkPolicy.nodeLocalDns, a value",
    };

    [Fact]
    public async Task Every_IPv4_address_has_its_reason()
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var overlay in (string[])["minimal", "standard", "ha"])
        {
            foreach (var (name, value) in Parse(await Rendering.OverlayAsync(overlay)).SelectMany(Scalars))
            {
                found.UnionWith(Address().Matches(value).Select(match => $"{name} {match.Value}"));
            }
        }

        Assert.Equal(Known.Keys.Order(StringComparer.Ordinal), found);
    }

    [Fact]
    public async Task What_is_reached_from_outside_the_Pod_listens_on_the_Pods_own_address_or_on_all()
    {
        var containers = Parse(await Rendering.OverlayAsync("ha")).SelectMany(node => Walk(node))
            .Where(found => found.Key is "containers" or "initContainers" && found.Node is YamlMappingNode).Select(found => found.Node).ToArray();
        foreach (var container in containers)
        {
            Assert.All(Nodes(container, "ports"), port => Assert.Contains(Text(port, "name"), (string[])["management", "tokens", "ts-health"]));
        }

        Assert.Equal(3, containers.Count(container => Source(container, "Management__Address") == "status.podIP"));

        // containerboot puts brackets around an IPv6 address when it knows it from POD_IPS: cmd/containerboot/settings.go:188.
        Assert.All(
            containers.Where(container => Text(container, "name") == "tailscale"),
            sidecar => Assert.Equal(
                ("$(POD_IP):9002", "status.podIP", "status.podIPs"),
                (Text(Variable(sidecar, "TS_LOCAL_ADDR_PORT")!, "value"), Source(sidecar, "POD_IP"), Source(sidecar, "POD_IPS"))));
        Assert.Equal("::", Text(Variable(containers.Single(container => Text(container, "name") == "operator"), "Operator__TokenService__Address")!, "value"));
    }

    [Fact]
    public async Task API_and_operator_work_on_IPv6_alone_and_as_a_user_that_has_no_name()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "this machine has no IPv6");
        Assert.SkipUnless((await Tool.TryAsync("unshare", "--user", "--map-user=1000680000", "true")).ExitCode == 0, "this machine allows no user namespaces");
        var cancellation = TestContext.Current.CancellationToken;
        var port = FixedPorts.Next();
        await using var stack = await TkaStack.StartAsync(cancellation, new TkaStackOptions
        {
            OperatorSettings = new Dictionary<string, string?>
            {
                ["operator:tokenService:address"] = "::1",
                ["operator:tokenService:port"] = $"{port}",
                ["operator:tokenService:certificateNames:0"] = "::1",
                ["management:address"] = "::1",
            },
        });
        await using var api = await ApiProcess.StartAsUserAsync(
            stack, 1000680000, ["--management:address=::1", $"--operator:tokenService:url=https://[::1]:{port}"], cancellation);

        using var alice = TestTailnet.ClientFrom("127.0.0.1", api.Uri);
        (await alice.LoginAsync()).Expect(202);
        (await alice.GetAsync(ApiRoutes.Kubeconfig, wait: 20)).Expect(200);
        Assert.Equal("[::1]", api.ManagementUri.Host);
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(api.ManagementUri, "/readyz"), cancellation)).StatusCode);
    }

    private static IEnumerable<(string Name, string Value)> Scalars(YamlNode node) =>
        from found in Walk(node)
        let mapping = found.Node as YamlMappingNode
        where mapping is not null
        from pair in mapping.Children
        let value = (pair.Value as YamlScalarNode)?.Value
        where value is not null
        select (pair.Key.ToString() == "value" ? Text(mapping, "name")! : pair.Key.ToString(), value);

    private static YamlNode? Variable(YamlNode container, string name) => Nodes(container, "env").FirstOrDefault(variable => Text(variable, "name") == name);

    private static string? Source(YamlNode container, string name) =>
        Variable(container, name) is { } variable ? Text(variable, "valueFrom", "fieldRef", "fieldPath") : null;

    [GeneratedRegex(@"(?:https?://)?\b(?<!v)\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d+)?\b|\blocalhost\b")]
    private static partial Regex Address();
}

using Xunit;
using YamlDotNet.RepresentationModel;
using static TKA.Tests.Deploy.Manifests;

namespace TKA.Tests.Deploy;

/// <summary>
/// How tailscaled gets onto the tailnet, read beside tailscale/tailscale v1.102.3: cmd/containerboot/settings.go (which variables it takes
/// together) and feature/identityfederation/identityfederation.go (what becomes of them).
/// </summary>
public sealed class TailnetCredentialTests
{
    private const string ClientId = "kExampleCNTRL-kOf";

    [Theory]
    [InlineData("tka-api", "minimal")]
    [InlineData("tka-api", "ha")]
    [InlineData("tka-orchestrator", "standard")]
    public async Task A_projected_token_is_exchanged_for_a_node_that_stays(string workload, string overlay)
    {
        var pod = await PodAsync(workload, overlay, "--set", $"tailscale.workloadIdentity.clientId={ClientId}");
        var sidecar = Sidecar(pod);

        // identityfederation.go:95: without attributes a node is ephemeral and waits for approval.
        Assert.Equal(ClientId + "?ephemeral=false&preauthorized=true", Value(sidecar, "TS_CLIENT_ID"));

        // settings.go:300 to 316: with TS_ID_TOKEN none of the others.
        Assert.All((string[])["TS_AUTHKEY", "TS_AUTH_KEY", "TS_CLIENT_SECRET", "TS_AUDIENCE"], name => Assert.DoesNotContain(name, Names(sidecar)));

        // identityfederation.go:48: only a tagged node.
        Assert.Equal("--advertise-tags=tag:tka", Value(sidecar, "TS_EXTRA_ARGS"));

        var mount = Nodes(sidecar, "volumeMounts").Single(mount => Value(sidecar, "TS_ID_TOKEN") == $"file:{Text(mount, "mountPath")}/token");
        Assert.Equal("true", Text(mount, "readOnly"));
        var token = Find(Sources(pod, Text(mount, "name")!).Single(), "serviceAccountToken")!;
        Assert.Equal(("token", $"api.tailscale.com/{ClientId}"), (Text(token, "path"), Text(token, "audience")));
        Assert.DoesNotContain(Nodes(pod, "containers").SelectMany(container => Nodes(container, "volumeMounts")), other => Text(other, "name") == Text(mount, "name"));
    }

    [Fact]
    public async Task The_audience_may_be_another()
    {
        var pod = await PodAsync("tka-api", "minimal", "--set", $"tailscale.workloadIdentity.clientId={ClientId},tailscale.workloadIdentity.audience=tka.test");
        Assert.Contains("tka.test", Sources(pod, "tailscale-identity").Select(source => Text(source, "serviceAccountToken", "audience")));
    }

    [Fact]
    public async Task An_auth_key_is_the_other_way_and_may_be_deleted_after_the_first_start()
    {
        var pod = await PodAsync("tka-api", "minimal", "--set", "tailscale.authKeySecret.name=mine,tailscale.authKeySecret.key=k");
        var sidecar = Sidecar(pod);
        var key = Find(Nodes(sidecar, "env").Single(variable => Text(variable, "name") == "TS_AUTHKEY"), "valueFrom", "secretKeyRef")!;
        Assert.Equal(("mine", "k", "true"), (Text(key, "name"), Text(key, "key"), Text(key, "optional")));
        Assert.All((string[])["TS_CLIENT_ID", "TS_ID_TOKEN", "TS_CLIENT_SECRET", "TS_AUDIENCE"], name => Assert.DoesNotContain(name, Names(sidecar)));
        Assert.DoesNotContain(Nodes(pod, "volumes"), volume => Text(volume, "name") == "tailscale-identity");

        // main.go: with TS_AUTH_ONCE a node that has logged in, by the state on its volume, does not log in again.
        Assert.Equal("true", Value(sidecar, "TS_AUTH_ONCE"));
        Assert.Contains(Nodes(sidecar, "volumeMounts"), mount => Text(mount, "name") == "tailscale-state" && Text(mount, "mountPath") == Value(sidecar, "TS_STATE_DIR"));
    }

    private static async Task<YamlNode> PodAsync(string workload, string overlay, params string[] arguments) =>
        Find(Parse(await Rendering.ChartAsync(overlay, arguments)).Single(node => Text(node, "kind") == "StatefulSet" && Text(node, "metadata", "name") == workload), "spec", "template", "spec")!;

    private static YamlNode Sidecar(YamlNode pod) => Nodes(pod, "initContainers").Single(container => Text(container, "name") == "tailscale");

    private static string?[] Names(YamlNode container) => [.. Nodes(container, "env").Select(variable => Text(variable, "name"))];

    private static string? Value(YamlNode container, string variable) => Text(Nodes(container, "env").Single(found => Text(found, "name") == variable), "value");

    private static IEnumerable<YamlNode> Sources(YamlNode pod, string volume) => Nodes(Nodes(pod, "volumes").Single(found => Text(found, "name") == volume), "projected", "sources");
}

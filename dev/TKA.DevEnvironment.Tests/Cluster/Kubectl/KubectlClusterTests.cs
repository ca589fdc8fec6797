using System.Text.RegularExpressions;
using TKA.DevEnvironment.Tests.Cluster.Conformance;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Kubectl;

/// <summary>What stock kubectl says of callers, namespaces and the cluster itself.</summary>
public sealed partial class KubectlClusterTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    private Kubectl Kubectl => field ??= new Kubectl(Fixture.Cluster.AdminKubeconfigPath, Fixture.Namespace);

    [Fact]
    public async Task Auth_tells_who_and_what()
    {
        Assert.Equal("yes\n", await Kubectl.RunAsync("auth can-i create pods"));
        Assert.Contains("Username", await Kubectl.RunAsync("auth whoami"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_created_token_works()
    {
        await Kubectl.RunAsync("create serviceaccount token-user");
        await Kubectl.RunAsync("create role token-role --verb=list --resource=configmaps");
        await Kubectl.RunAsync($"create rolebinding token-binding --role=token-role --serviceaccount={Fixture.Namespace}:token-user");
        var token = (await Kubectl.RunAsync("create token token-user --duration=10m")).Trim();
        var user = new Kubectl(Fixture.Cluster.WriteKubeconfig("token-user", token), Fixture.Namespace);

        await user.RunAsync("get configmaps");
        Assert.Contains($"system:serviceaccount:{Fixture.Namespace}:token-user", await user.RunAsync("auth whoami"), StringComparison.Ordinal);
        var (exit, _, error) = await user.TryAsync("get secrets");
        Assert.Equal(1, exit);
        Assert.Equal(
            $"Error from server (Forbidden): secrets is forbidden: User \"system:serviceaccount:{Fixture.Namespace}:token-user\" cannot list resource \"secrets\" in API group \"\" in the namespace \"{Fixture.Namespace}\"\n",
            error);
        await Kubectl.RunAsync("delete serviceaccount token-user");
        await EventuallyAsync(async () => (await user.TryAsync("get configmaps")).Error.Contains("must be logged in", StringComparison.Ordinal), "the token is dead");
    }

    [Fact]
    public async Task Cluster_information()
    {
        Assert.Contains("Server Version: v1.", await Kubectl.RunAsync("version"), StringComparison.Ordinal);
        Assert.Matches(@"(?m)^pods +po +v1 +true +Pod", await Kubectl.RunAsync("api-resources"));
        Assert.Contains("apps/v1\n", await Kubectl.RunAsync("api-versions"), StringComparison.Ordinal);
        Assert.Contains("is running at", Escapes().Replace(await Kubectl.RunAsync("cluster-info"), ""), StringComparison.Ordinal);
        Assert.NotEmpty(await Kubectl.RunAsync("config current-context"));
        Assert.Contains("kind: Config", await Kubectl.RunAsync("config view"), StringComparison.Ordinal);
        Assert.Equal("ok", await Kubectl.RunAsync("get --raw /readyz"));
    }

    [Fact]
    public async Task Namespaces_come_and_go()
    {
        var name = Unique("kubectl");
        await Kubectl.RunAsync($"create namespace {name}");
        Assert.Matches($@"{name} +Active", await Kubectl.RunAsync($"get ns {name}"));
        await Kubectl.RunAsync($"-n {name} create configmap inside");
        await Kubectl.RunAsync($"delete namespace {name} --timeout=60s");
        Assert.Equal(1, (await Kubectl.TryAsync($"get ns {name}")).ExitCode);
    }

    [GeneratedRegex(@"\e\[[0-9;]*m")]
    private static partial Regex Escapes();
}

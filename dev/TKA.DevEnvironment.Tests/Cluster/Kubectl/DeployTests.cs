using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Kubectl;

/// <summary>The manifests of <c>deploy/</c>, workloads included: the embedded cluster takes them all, in both ways of applying and in either order.</summary>
public sealed class DeployTests
{
    private static readonly string Overlay = Path.Combine(DeployFiles.RepositoryRoot, "deploy", "overlays", "minimal");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Kubectl_applies_the_minimal_overlay(bool serverSideFirst)
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "a real cluster would run it");
        await using var cluster = await TestCluster.StartAsync(TestContext.Current.CancellationToken);
        var kubectl = new Kubectl(cluster.AdminKubeconfigPath, "");

        foreach (var serverSide in new[] { serverSideFirst, !serverSideFirst, serverSideFirst })
        {
            await kubectl.RunAsync($"apply {(serverSide ? "--server-side" : "--server-side=false")} -k {Overlay}");
        }

        Assert.Contains("deployment.apps/tka-operator", await kubectl.RunAsync("get all -n tka-system -o name"), StringComparison.Ordinal);
    }
}

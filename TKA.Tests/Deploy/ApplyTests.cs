using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary>Overlays applied with stock kubectl to the embedded cluster, both ways of applying, one after the other.</summary>
public sealed class ApplyTests : IAsyncLifetime
{
    private TestCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "installs TKA under its own name, which a shared cluster may have");
        _cluster = await TestCluster.StartAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _cluster?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Three times, so that each way follows the other.</summary>
    [Theory]
    [InlineData("minimal", false)]
    [InlineData("standard", true)]
    [InlineData("ha", false)]
    public async Task Applies_by_client_and_by_server_in_either_order(string overlay, bool serverFirst)
    {
        if (overlay != "minimal")
        {
            await _cluster.Embedded.ApplyAsync(ForeignKinds.Definitions, TestContext.Current.CancellationToken);
        }

        string[] byClient = ["apply", "-k", $"deploy/overlays/{overlay}"];
        string[] byServer = [.. byClient, "--server-side"];
        foreach (var way in serverFirst ? new[] { byServer, byClient, byServer } : [byClient, byServer, byClient])
        {
            Assert.DoesNotContain("conflict", await KubectlAsync(way), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task The_first_apply_of_the_chart_needs_nothing_but_Kubernetes()
    {
        var manifest = Path.Combine(Path.GetTempPath(), $"tka-chart-{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(manifest, await Rendering.ChartAsync("minimal", "--no-hooks"), TestContext.Current.CancellationToken);
        try
        {
            await KubectlAsync("apply", "-f", manifest);
            await KubectlAsync("apply", "--server-side", "-f", manifest);
        }
        finally
        {
            File.Delete(manifest);
        }
    }

    private Task<string> KubectlAsync(params IEnumerable<string> arguments) => Tool.RunAsync("kubectl", ["--kubeconfig", _cluster.AdminKubeconfigPath, .. arguments]);
}

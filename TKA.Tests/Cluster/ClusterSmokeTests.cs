using k8s;
using k8s.Models;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Cluster;

public class ClusterSmokeTests
{
    [Fact]
    public async Task A_client_creates_reads_and_deletes()
    {
        var token = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(token);
        var ns = await cluster.CreateNamespaceAsync("smoke", token);
        var created = await cluster.Admin.CoreV1.CreateNamespacedConfigMapAsync(
            new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "a" }, Data = new Dictionary<string, string> { ["k"] = "v" } }, ns, cancellationToken: token);
        Assert.NotEmpty(created.Metadata.Uid);
        Assert.Equal("v", (await cluster.Admin.CoreV1.ReadNamespacedConfigMapAsync("a", ns, cancellationToken: token)).Data["k"]);
        await cluster.Admin.CoreV1.DeleteNamespacedConfigMapAsync("a", ns, cancellationToken: token);
        var gone = await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(
            () => cluster.Admin.CoreV1.ReadNamespacedConfigMapAsync("a", ns, cancellationToken: token));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, gone.Response.StatusCode);
    }
}

using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Kubernetes;

/// <summary>A watch on which nothing happens looks the same whether the other end lives or not. Here it does not.</summary>
public sealed class WatchLivenessTests(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_that_swallows_everything_is_given_up_by_its_pings()
    {
        await using var cluster = await TestCluster.StartAsync(Cancel);
        await using var network = new FaultyProxy(new Uri(cluster.Configuration.Host));
        var kubeconfig = cluster.WriteKubeconfig("admin", cluster.Configuration.AccessToken);
        await File.WriteAllTextAsync(
            kubeconfig,
            (await File.ReadAllTextAsync(kubeconfig, Cancel)).Replace(cluster.Configuration.Host, network.Uri.ToString(), StringComparison.Ordinal),
            Cancel);
        using var transport = new KubernetesTransport(new KubernetesClientOptions { Kubeconfig = kubeconfig });
        using var informer = new ResourceInformer<V1Namespace>(
            new ResourceClient<V1Namespace>(transport, ResourceTypes.Namespaces), new ResourceInformerOptions(), TimeProvider.System, NullLogger<ResourceInformer<V1Namespace>>.Instance);
        await informer.StartAsync(Cancel);
        await informer.WaitForSyncAsync(Cancel);

        // Noticed once the watch is up; a request that is under way would have a deadline of its own.
        await cluster.CreateNamespaceAsync("seen", Cancel);
        await Poll.UntilAsync(() => informer.Cache.List().Any(ns => ns.Metadata.Name.StartsWith("seen-", StringComparison.Ordinal)), TimeSpan.FromSeconds(20), Cancel);
        network.Freeze();
        var frozen = TimeProvider.System.GetTimestamp();
        await Poll.UntilAsync(() => informer.LastError is not null, TimeSpan.FromSeconds(20), Cancel);
        var took = TimeProvider.System.GetElapsedTime(frozen);

        output.WriteLine($"given up after {took.TotalSeconds:F1} s: {informer.LastError!.Message}");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        network.Resume();
        await informer.StopAsync(CancellationToken.None);
    }
}

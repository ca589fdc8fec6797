using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
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
    public async Task A_watch_that_breaks_is_opened_again_at_once()
    {
        await using var cluster = await TestCluster.StartAsync(Cancel);
        await using var network = new FaultyProxy(new Uri(cluster.Configuration.Host));
        using var transport = await ThroughAsync(cluster, network);
        using var informer = Informer(transport, new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        await informer.StartAsync(Cancel);
        await informer.WaitForSyncAsync(Cancel);
        await SeenAsync(cluster, informer, "before");

        network.Cut();

        // No delay could end: time stands still.
        await SeenAsync(cluster, informer, "after");
        await informer.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_connection_that_swallows_everything_is_given_up_by_its_pings()
    {
        await using var cluster = await TestCluster.StartAsync(Cancel);
        await using var network = new FaultyProxy(new Uri(cluster.Configuration.Host));
        using var transport = await ThroughAsync(cluster, network);
        using var informer = Informer(transport, TimeProvider.System);
        await informer.StartAsync(Cancel);
        await informer.WaitForSyncAsync(Cancel);

        // Noticed once the watch is up; a request that is under way would have a deadline of its own.
        await SeenAsync(cluster, informer, "seen");
        network.Freeze();
        var frozen = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(() => informer.LastError is not null);
        var took = TimeProvider.System.GetElapsedTime(frozen);

        output.WriteLine($"given up after {took.TotalSeconds:F1} s: {informer.LastError!.Message}");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        network.Resume();
        await informer.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task S21_a_cluster_that_was_away_for_long_is_known_again_within_two_seconds()
    {
        await using var cluster = await TestCluster.StartAsync(Cancel);
        await using var network = new FaultyProxy(new Uri(cluster.Configuration.Host));
        using var transport = await ThroughAsync(cluster, network);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var informer = Informer(transport, time);
        await informer.StartAsync(Cancel);
        await informer.WaitForSyncAsync(Cancel);
        network.Refuse();
        var refused = network.Accepted;
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return network.Accepted > refused + 10;
            },
            "the informer has tried ten times");

        network.Resume();
        var back = time.GetUtcNow();
        await cluster.CreateNamespaceAsync("after", Cancel);
        await Eventually.TrueAsync(
            () =>
            {
                if (time.GetUtcNow() - back < TimeSpan.FromSeconds(2))
                {
                    time.Advance(TimeSpan.FromMilliseconds(100));
                }

                return informer.Cache.List().Any(ns => ns.Metadata.Name.StartsWith("after-", StringComparison.Ordinal));
            },
            "the cluster is known again");
        await informer.StopAsync(CancellationToken.None);
    }

    private static async Task<KubernetesTransport> ThroughAsync(TestCluster cluster, FaultyProxy network)
    {
        var kubeconfig = cluster.WriteKubeconfig("admin", cluster.Configuration.AccessToken);
        await File.WriteAllTextAsync(
            kubeconfig,
            (await File.ReadAllTextAsync(kubeconfig, Cancel)).Replace(cluster.Configuration.Host, network.Uri.ToString(), StringComparison.Ordinal),
            Cancel);
        return new KubernetesTransport(new KubernetesClientOptions { Kubeconfig = kubeconfig });
    }

    private static ResourceInformer<V1Namespace> Informer(KubernetesTransport transport, TimeProvider time) => new(
        new ResourceClient<V1Namespace>(transport, ResourceTypes.Namespaces), new ResourceInformerOptions(), time, NullLogger<ResourceInformer<V1Namespace>>.Instance);

    private static async Task SeenAsync(TestCluster cluster, ResourceInformer<V1Namespace> informer, string name)
    {
        await cluster.CreateNamespaceAsync(name, Cancel);
        await Eventually.TrueAsync(() => informer.Cache.List().Any(ns => ns.Metadata.Name.StartsWith($"{name}-", StringComparison.Ordinal)));
    }
}

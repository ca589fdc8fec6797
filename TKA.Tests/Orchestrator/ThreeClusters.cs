using Xunit;
using static TKA.Tests.Orchestrator.OrchestratorServer;

namespace TKA.Tests.Orchestrator;

/// <summary>Three clusters, a, b and c, and two replicas of the orchestrator.</summary>
internal sealed class ThreeClusters : IAsyncDisposable
{
    private ThreeClusters(OrchestratorServer first, OrchestratorServer second, ClusterApi a, ClusterApi b, ClusterApi c) =>
        (First, Second, A, B, C) = (first, second, a, b, c);

    /// <summary>The replica that lives as long as the test.</summary>
    public OrchestratorServer First { get; }

    /// <summary>The replica that a test may kill.</summary>
    public OrchestratorServer Second { get; }

    public ClusterApi A { get; }

    public ClusterApi B { get; }

    public ClusterApi C { get; }

    public static async Task<ThreeClusters> StartAsync(TimeProvider? time = null)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var first = await OrchestratorServer.StartAsync(cancellation, time);
        return new ThreeClusters(
            first,
            await first.ReplicaAsync(cancellation, time),
            await ClusterApi.StartAsync(TkaDev, "a", cancellation),
            await ClusterApi.StartAsync(TkaTwo, "b", cancellation),
            await ClusterApi.StartAsync(TkaThree, "c", cancellation));
    }

    /// <summary>Lets c say that it is another installation of a cluster called a, or itself again.</summary>
    public void Impersonate(bool isOther) => C.Info = C.Info with { Name = isOther ? "a" : "c", InstallationId = isOther ? "another" : "id-of-c" };

    public async ValueTask DisposeAsync()
    {
        await A.DisposeAsync();
        await B.DisposeAsync();
        await C.DisposeAsync();
        await Second.DisposeAsync();
        await First.DisposeAsync();
    }
}

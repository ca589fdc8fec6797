using System.Net;
using System.Net.Http.Json;
using Grpc.Core;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;
using static TKA.Tests.Orchestrator.OrchestratorServer;

namespace TKA.Tests.Orchestrator;

/// <summary>Several replicas agree through Dapr state; without it each serves what it knows and says so.</summary>
public sealed class ReplicaTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_replica_registers_the_other_lists_and_one_may_die()
    {
        await using var all = await ThreeClusters.StartAsync();
        using var alice = all.First.ClientFrom(Alice);
        all.Impersonate(true);

        using var atFirst = await all.A.RegisterAsync(all.First, Cancellation);
        using var atSecond = await all.B.RegisterAsync(all.Second, Cancellation);
        using var taken = await all.C.RegisterAsync(all.Second, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, taken.StatusCode);
        await all.Second.DisposeAsync();

        await Eventually.TrueAsync(async () => (await ListAsync(alice, Cancellation)).Count == 2, "the first replica knows both");
    }

    [Theory]
    [InlineData(null)]
    [InlineData(StatusCode.Internal)]
    [InlineData(StatusCode.ResourceExhausted)]
    public async Task Without_Dapr_clusters_are_listed_and_registered_from_memory_and_written_later(StatusCode? fault)
    {
        await using var server = await StartAsync(Cancellation);
        await using var a = await ClusterApi.StartAsync(TkaDev, "a", Cancellation);
        await using var b = await ClusterApi.StartAsync(TkaTwo, "b", Cancellation);
        using var alice = server.ClientFrom(Alice);
        using var created = await a.RegisterAsync(server, Cancellation);

        if (fault is null)
        {
            await server.Dapr.DownAsync();
        }
        else
        {
            server.Dapr.Faults.Status = fault;
        }

        using var renewed = await a.RegisterAsync(server, Cancellation);
        Assert.Equal(HttpStatusCode.OK, renewed.StatusCode);
        using var other = await b.RegisterAsync(server, Cancellation);
        Assert.Equal(HttpStatusCode.Created, other.StatusCode);
        var list = await alice.GetFromJsonAsync<ClusterList>(ApiRoutes.Clusters, Cancellation);
        Assert.Equal((2, true), (list!.Items.Count, list.Degraded));

        if (fault is null)
        {
            await server.Dapr.UpAsync(Cancellation);
        }
        else
        {
            server.Dapr.Faults.Status = null;
        }

        await using var replica = await server.ReplicaAsync(Cancellation);
        using var atReplica = replica.ClientFrom(Alice);
        await Eventually.TrueAsync(async () => (await ListAsync(atReplica, Cancellation)).Count == 2, "what was missed is written");
        Assert.False((await alice.GetFromJsonAsync<ClusterList>(ApiRoutes.Clusters, Cancellation))!.Degraded);
    }
}

using System.Net;
using System.Net.Http.Json;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using TKA.Orchestrator.Registry;
using TKA.Tests.Infrastructure;
using Xunit;
using static TKA.Tests.Orchestrator.OrchestratorServer;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

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

    /// <summary>What changes nothing about a heartbeat reaches the other replicas as well: who else asked for the name, and that the cluster is gone.</summary>
    [Fact]
    public async Task A_refused_registration_and_a_removal_are_known_at_the_other_replica_within_one_look_at_the_store()
    {
        // The replicas do not look by themselves: this clock stands still.
        await using var all = await ThreeClusters.StartAsync(new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        using var alice = all.First.ClientFrom(Alice);
        using var dave = all.Second.ClientFrom(Dave);
        using var registered = await all.A.RegisterAsync(all.Second, Cancellation);
        Assert.Single(await SeenAsync());

        all.Impersonate(true);
        using var taken = await all.C.RegisterAsync(all.Second, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, taken.StatusCode);
        Assert.NotNull(Assert.Single(await SeenAsync()).Conflict);

        using var removed = await dave.DeleteAsync($"{ApiRoutes.Clusters}/a", Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Empty(await SeenAsync());

        async Task<IReadOnlyList<ClusterEntry>> SeenAsync()
        {
            await all.First.Services.GetRequiredService<ClusterRegistry>().SyncAsync(Cancellation);
            return await ListAsync(alice, Cancellation);
        }
    }

    [Fact]
    public async Task A_cluster_that_registers_while_its_old_registration_is_removed_is_listed()
    {
        await using var server = await StartAsync(Cancellation);
        var store = server.Services.GetRequiredService<ClusterStore>();
        var record = new ClusterRecord { Cluster = Entry("a"), InstallationId = "a", RegisteredBy = "tag:tka", LastSeen = TimeProvider.System.GetUtcNow() };
        for (var i = 0; i < 50; i++)
        {
            await store.ChangeAsync("a", _ => record, TimeSpan.FromHours(1), Cancellation);
            await Task.WhenAll(
                store.RemoveAsync("a", static _ => true, Cancellation),
                store.ChangeAsync("a", stored => record with { RegisteredBy = stored is null ? "new" : "old" }, TimeSpan.FromHours(1), Cancellation));
            var exists = false;
            await store.ChangeAsync("a", stored => (exists = stored is not null) ? stored : null, TimeSpan.FromHours(1), Cancellation);
            Assert.Equal(exists, await store.ReadAllAsync(Cancellation).AnyAsync(Cancellation));
        }
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

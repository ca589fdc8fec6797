using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Time.Testing;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;
using static TKA.Tests.Orchestrator.OrchestratorServer;

namespace TKA.Tests.Orchestrator;

/// <summary>The life of three clusters at two replicas of the orchestrator.</summary>
public sealed class ThreeClustersTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task They_register_go_stale_recover_leave_and_keep_their_names_whatever_happens_to_a_replica_or_to_Dapr()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var all = await ThreeClusters.StartAsync(time);
        var (first, second, a, b, c) = (all.First, all.Second, all.A, all.B, all.C);
        using var alice = first.ClientFrom(Alice);

        await BeatAsync(HttpStatusCode.Created, (a, first), (b, second), (c, second));
        await SeeAsync("a ready, b ready, c ready");

        // Three heartbeats are missed by b only.
        for (var i = 0; i < 4; i++)
        {
            time.Advance(TimeSpan.FromSeconds(30));
            await BeatAsync(HttpStatusCode.OK, (a, second), (c, first));
        }

        await SeeAsync("a ready, b stale, c ready");
        await BeatAsync(HttpStatusCode.OK, (b, first));
        await SeeAsync("a ready, b ready, c ready");

        // Another installation asks for a's name at the other replica; both are told.
        all.Impersonate(true);
        using (var taken = await c.RegisterAsync(second, Cancellation, entry => entry with { Name = "a" }))
        {
            Assert.Equal(HttpStatusCode.Forbidden, taken.StatusCode);
        }

        all.Impersonate(false);
        await Eventually.TrueAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return (await ListAsync(alice, Cancellation)).Single(cluster => cluster.Name == "a").Conflict is not null;
            },
            "a is told");
        await BeatAsync(HttpStatusCode.OK, (a, first), (b, first), (c, first));

        // Dapr goes and comes back.
        await first.Dapr.DownAsync();
        await BeatAsync(HttpStatusCode.OK, (a, first), (b, first), (c, first));
        Assert.True((await alice.GetFromJsonAsync<ClusterList>(ApiRoutes.Clusters, Cancellation))!.Degraded);
        await SeeAsync("a ready, b ready, c ready");
        await first.Dapr.UpAsync(Cancellation);
        await Eventually.TrueAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return !(await alice.GetFromJsonAsync<ClusterList>(ApiRoutes.Clusters, Cancellation))!.Degraded;
            },
            "the state store is used again");

        // A replica dies, and c's API stops in order.
        await second.DisposeAsync();
        await BeatAsync(HttpStatusCode.OK, (b, first));
        await c.StopAsync(Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, await c.LeaveAsync(first, Cancellation));
        await SeeAsync("a ready, b ready");

        Task SeeAsync(string expected) => Eventually.TrueAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return string.Join(", ", (await ListAsync(alice, Cancellation)).Select(cluster => $"{cluster.Name} {cluster.Status}")) == expected;
            },
            expected);
    }

    private static async Task BeatAsync(HttpStatusCode expected, params (ClusterApi Cluster, OrchestratorServer Replica)[] beats)
    {
        foreach (var (cluster, replica) in beats)
        {
            using var response = await cluster.RegisterAsync(replica, Cancellation);
            Assert.Equal(expected, response.StatusCode);
        }
    }
}

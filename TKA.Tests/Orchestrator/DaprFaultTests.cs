using System.Net;
using Grpc.Core;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;
using static TKA.Tests.Orchestrator.Answers;
using static TKA.Tests.Orchestrator.OrchestratorServer;

namespace TKA.Tests.Orchestrator;

/// <summary>Without its state the orchestrator says so and comes back by itself.</summary>
public sealed class DaprFaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_Dapr_the_answer_is_503_and_it_recovers_by_itself()
    {
        await using var server = await StartAsync(Cancellation);
        using var node = server.ClientFrom(TkaDev);
        using var alice = server.ClientFrom(Alice);
        using var created = await RegisterAsync(node, Entry(), Cancellation);

        await server.Dapr.DownAsync();
        using (var response = await alice.GetAsync(ApiRoutes.Clusters, Cancellation))
        {
            await AssertAnswerAsync(response, HttpStatusCode.ServiceUnavailable, "state-unavailable");
            Assert.NotNull(response.Headers.RetryAfter);
        }

        using (var response = await RegisterAsync(node, Entry(), Cancellation))
        {
            await AssertAnswerAsync(response, HttpStatusCode.ServiceUnavailable, "state-unavailable");
        }

        await server.Dapr.UpAsync(Cancellation);
        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await alice.GetAsync(ApiRoutes.Clusters, Cancellation);
                return response.StatusCode == HttpStatusCode.OK;
            },
            "the registry answers again");
        Assert.Single(await ListAsync(alice, Cancellation));
    }

    [Theory]
    [InlineData(StatusCode.Internal)]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.ResourceExhausted)]
    public async Task Faults_of_Dapr_are_503(StatusCode fault)
    {
        await using var server = await StartAsync(Cancellation);
        using var alice = server.ClientFrom(Alice);
        server.Dapr.Faults.Status = fault;

        using var response = await alice.GetAsync(ApiRoutes.Clusters, Cancellation);

        await AssertAnswerAsync(response, HttpStatusCode.ServiceUnavailable, "state-unavailable");
    }

    [Fact]
    public async Task A_slow_Dapr_is_not_waited_for_for_ever()
    {
        await using var server = await StartAsync(Cancellation);
        using var alice = server.ClientFrom(Alice);
        server.Dapr.Faults.Gate = new TaskCompletionSource().Task;

        using var response = await alice.GetAsync(ApiRoutes.Clusters, Cancellation);

        await AssertAnswerAsync(response, HttpStatusCode.ServiceUnavailable, "state-unavailable");
    }
}

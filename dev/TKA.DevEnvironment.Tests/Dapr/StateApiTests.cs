using System.Text;
using Dapr;
using Dapr.Client;
using Grpc.Core;
using TKA.DevEnvironment.Dapr;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.DevEnvironment.Tests.Dapr;

/// <summary>The state API as the real Dapr.Client sees it, with each component. Where components differ, the subclass says in what.</summary>
public abstract class StateApiTests(StateStoreKind kind)
{
    protected const string Store = TestDapr.Store;
    protected static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_saved_is_read_back()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();

        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);
        await client.SaveStateAsync(Store, "a", new Box("Ünïcødé ☃"), cancellationToken: Cancellation);

        Assert.Equal(new Box("Ünïcødé ☃"), await client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task What_is_not_there_is_null_with_an_empty_etag()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();

        var (value, etag) = await client.GetStateAndETagAsync<Box>(Store, "nowhere", cancellationToken: Cancellation);

        Assert.Null(value);
        Assert.Empty(etag);
    }

    [Fact]
    public async Task An_etag_lets_only_the_first_of_two_writers_through()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);
        var (_, etag) = await client.GetStateAndETagAsync<Box>(Store, "a", cancellationToken: Cancellation);

        Assert.True(await client.TrySaveStateAsync(Store, "a", new Box("two"), etag, cancellationToken: Cancellation));
        Assert.False(await client.TrySaveStateAsync(Store, "a", new Box("three"), etag, cancellationToken: Cancellation));
        Assert.Equal(new Box("two"), await client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
        Assert.NotEqual(etag, (await client.GetStateAndETagAsync<Box>(Store, "a", cancellationToken: Cancellation)).etag);
    }

    [Fact]
    public async Task A_mismatch_is_ABORTED_with_Daprs_words()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);

        var error = await Assert.ThrowsAsync<DaprException>(() => client.SaveBulkStateAsync(
            Store, [new SaveStateItem<Box>("a", new Box("two"), "999999999"), new SaveStateItem<Box>("b", new Box("b"), "")], Cancellation));

        var rpc = Assert.IsType<RpcException>(error.InnerException);
        Assert.Equal(StatusCode.Aborted, rpc.StatusCode);
        Assert.Equal("failed saving state in state store statestore: possible etag mismatch. error from state store", rpc.Status.Detail);
        Assert.Equal(new Box("b"), await client.GetStateAsync<Box>(Store, "b", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Bulk_get_answers_for_every_key()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);

        var items = await client.GetBulkStateAsync<Box>(Store, ["a", "b"], null, cancellationToken: Cancellation);

        Assert.Equal(new Box("one"), items.Single(item => item.Key == "a").Value);
        Assert.Null(items.Single(item => item.Key == "b").Value);
        Assert.Empty(items.Single(item => item.Key == "b").ETag);
    }

    [Theory]
    [InlineData("statestore", "a||b", "1", StatusCode.InvalidArgument)]
    [InlineData("elsewhere", "a", "1", StatusCode.InvalidArgument)]
    [InlineData("statestore", "a", "soon", StatusCode.Internal)]
    public async Task Bad_requests_get_daprds_status(string store, string key, string ttl, StatusCode expected)
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();

        var error = await Assert.ThrowsAsync<DaprException>(() => client.SaveStateAsync(store, key, 1, metadata: Ttl(ttl), cancellationToken: Cancellation));

        Assert.Equal(expected, Assert.IsType<RpcException>(error.InnerException).StatusCode);
    }

    [Fact]
    public async Task State_survives_a_restart()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);

        await dapr.DownAsync();
        await Assert.ThrowsAsync<DaprException>(() => client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
        await dapr.UpAsync(Cancellation);

        using var again = dapr.CreateClient();
        Assert.Equal(new Box("one"), await again.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task With_an_API_token_only_its_bearers_are_served()
    {
        var directory = Directory.CreateTempSubdirectory("tka-dapr-");
        try
        {
            var options = new EmbeddedDaprOptions { DataDirectory = directory.FullName, StateStoreKind = kind, ApiToken = "right" };
            await using var dapr = await EmbeddedDapr.StartAsync(options, Cancellation);
            var endpoint = dapr.GrpcEndpoint.ToString();
            using var stranger = new DaprClientBuilder().UseGrpcEndpoint(endpoint).UseDaprApiToken("").Build();
            using var wrong = new DaprClientBuilder().UseGrpcEndpoint(endpoint).UseDaprApiToken("wrong").Build();
            using var right = new DaprClientBuilder().UseGrpcEndpoint(endpoint).UseDaprApiToken("right").Build();

            foreach (var refused in new[] { stranger, wrong })
            {
                var error = await Assert.ThrowsAsync<DaprException>(() => refused.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
                Assert.Equal(StatusCode.Unauthenticated, Assert.IsType<RpcException>(error.InnerException).StatusCode);
            }

            Assert.Null(await right.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_rest_of_Dapr_is_unimplemented()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();

        foreach (var call in (Func<Task>[])
        [
            () => client.GetSecretAsync("secrets", "a", cancellationToken: Cancellation),
            () => client.DeleteBulkStateAsync(Store, [new BulkDeleteStateItem("a", "")], Cancellation),
            () => client.GetMetadataAsync(Cancellation),
        ])
        {
            var error = await Assert.ThrowsAsync<DaprException>(call);
            Assert.Equal(StatusCode.Unimplemented, Assert.IsType<RpcException>(error.InnerException).StatusCode);
        }
    }

    protected Task<TestDapr> StartAsync(TimeProvider? time = null) => TestDapr.StartAsync(Cancellation, time, kind);

    protected static StateTransactionRequest Upsert(string key, string json) =>
        new(key, Encoding.UTF8.GetBytes(json), StateOperationType.Upsert);

    protected static Dictionary<string, string> Ttl(string seconds) => new() { ["ttlInSeconds"] = seconds };

    protected sealed record Box(string Text);
}

using System.Text;
using Dapr;
using Dapr.Client;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using TKA.DevEnvironment.Dapr;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.DevEnvironment.Tests.Dapr;

/// <summary>The state API as the real Dapr.Client sees it. Expectations are those of daprd with state.sqlite.</summary>
public sealed class StateApiTests
{
    private const string Store = TestDapr.Store;
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_saved_is_read_back()
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();

        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);
        await client.SaveStateAsync(Store, "a", new Box("Ünïcødé ☃"), cancellationToken: Cancellation);

        Assert.Equal(new Box("Ünïcødé ☃"), await client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task What_is_not_there_is_null_with_an_empty_etag()
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();

        var (value, etag) = await client.GetStateAndETagAsync<Box>(Store, "nowhere", cancellationToken: Cancellation);

        Assert.Null(value);
        Assert.Empty(etag);
    }

    [Fact]
    public async Task An_etag_lets_only_the_first_of_two_writers_through()
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);
        var (_, etag) = await client.GetStateAndETagAsync<Box>(Store, "a", cancellationToken: Cancellation);

        Assert.True(await client.TrySaveStateAsync(Store, "a", new Box("two"), etag, cancellationToken: Cancellation));
        Assert.False(await client.TrySaveStateAsync(Store, "a", new Box("three"), etag, cancellationToken: Cancellation));
        Assert.Equal(new Box("two"), await client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
        Assert.NotEqual(etag, (await client.GetStateAndETagAsync<Box>(Store, "a", cancellationToken: Cancellation)).etag);
    }

    [Fact]
    public async Task An_etag_of_a_row_that_is_gone_does_not_create_it()
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();

        Assert.False(await client.TrySaveStateAsync(Store, "a", new Box("x"), "0b6cfc1b-0000-0000-0000-000000000000", cancellationToken: Cancellation));
        Assert.Null(await client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task First_write_without_etag_creates_once()
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();

        // An empty ETag is none for Dapr; the Try form turns the refusal into false.
        Assert.True(await client.TrySaveStateAsync(Store, "a", new Box("one"), "", FirstWrite, cancellationToken: Cancellation));
        Assert.False(await client.TrySaveStateAsync(Store, "a", new Box("two"), "", FirstWrite, cancellationToken: Cancellation));
        Assert.Equal(new Box("one"), await client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Of_many_first_writers_one_wins()
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            client.TrySaveStateAsync(Store, "a", new Box($"{i}"), "", FirstWrite, cancellationToken: Cancellation)));

        Assert.Single(results, won => won);
    }

    [Fact]
    public async Task A_mismatch_is_ABORTED_with_Daprs_words()
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);

        var error = await Assert.ThrowsAsync<DaprException>(() => client.SaveBulkStateAsync(
            Store, [new SaveStateItem<Box>("a", new Box("two"), "not-the-etag"), new SaveStateItem<Box>("b", new Box("b"), "")], Cancellation));

        var rpc = Assert.IsType<RpcException>(error.InnerException);
        Assert.Equal(StatusCode.Aborted, rpc.StatusCode);
        Assert.Equal("failed saving state in state store statestore: possible etag mismatch. error from state store", rpc.Status.Detail);
        Assert.Equal(new Box("b"), await client.GetStateAsync<Box>(Store, "b", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Delete_is_idempotent_and_with_etag_guarded()
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);

        Assert.False(await client.TryDeleteStateAsync(Store, "a", "not-the-etag", cancellationToken: Cancellation));
        var (_, etag) = await client.GetStateAndETagAsync<Box>(Store, "a", cancellationToken: Cancellation);
        Assert.True(await client.TryDeleteStateAsync(Store, "a", etag, cancellationToken: Cancellation));
        await client.DeleteStateAsync(Store, "a", cancellationToken: Cancellation);
        Assert.False(await client.TryDeleteStateAsync(Store, "a", etag, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Bulk_get_answers_for_every_key()
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);

        var items = await client.GetBulkStateAsync<Box>(Store, ["a", "b"], null, cancellationToken: Cancellation);

        Assert.Equal(new Box("one"), items.Single(item => item.Key == "a").Value);
        Assert.Null(items.Single(item => item.Key == "b").Value);
        Assert.Empty(items.Single(item => item.Key == "b").ETag);
    }

    [Fact]
    public async Task Bulk_delete_deletes()
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", 1, cancellationToken: Cancellation);
        await client.SaveStateAsync(Store, "b", 2, cancellationToken: Cancellation);

        await client.DeleteBulkStateAsync(Store, [new BulkDeleteStateItem("a", ""), new BulkDeleteStateItem("b", "")], Cancellation);

        Assert.All(await client.GetBulkStateAsync<int?>(Store, ["a", "b"], null, cancellationToken: Cancellation), item => Assert.Null(item.Value));
    }

    [Fact]
    public async Task A_transaction_is_all_or_nothing()
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);

        var error = await Assert.ThrowsAsync<DaprException>(() => client.ExecuteStateTransactionAsync(
            Store, [Upsert("b", "\"new\""), new StateTransactionRequest("a", null, StateOperationType.Delete, "not-the-etag")], cancellationToken: Cancellation));

        // INTERNAL, not ABORTED: daprd hides the ETag error of a transaction.
        Assert.Equal(StatusCode.Internal, Assert.IsType<RpcException>(error.InnerException).StatusCode);
        Assert.Null(await client.GetStateAsync<string>(Store, "b", cancellationToken: Cancellation));
        Assert.NotNull(await client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));

        await client.ExecuteStateTransactionAsync(
            Store, [Upsert("b", "\"new\""), new StateTransactionRequest("a", null, StateOperationType.Delete)], cancellationToken: Cancellation);
        Assert.Equal("new", await client.GetStateAsync<string>(Store, "b", cancellationToken: Cancellation));
        Assert.Null(await client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task A_value_with_a_time_to_live_is_gone_after_it()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        await using var dapr = await TestDapr.StartAsync(Cancellation, time);
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", 1, metadata: Ttl("10"), cancellationToken: Cancellation);
        var (_, etag) = await client.GetStateAndETagAsync<int?>(Store, "a", cancellationToken: Cancellation);

        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, await client.GetStateAsync<int?>(Store, "a", cancellationToken: Cancellation));
        Assert.False(await client.TrySaveStateAsync(Store, "a", 2, "", FirstWrite, cancellationToken: Cancellation));

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await client.GetStateAsync<int?>(Store, "a", cancellationToken: Cancellation));
        Assert.False(await client.TrySaveStateAsync(Store, "a", 2, etag, cancellationToken: Cancellation));
        Assert.True(await client.TrySaveStateAsync(Store, "a", 3, "", FirstWrite, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Writing_again_without_a_time_to_live_takes_it_away()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        await using var dapr = await TestDapr.StartAsync(Cancellation, time);
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", 1, metadata: Ttl("10"), cancellationToken: Cancellation);
        await client.SaveStateAsync(Store, "a", 2, cancellationToken: Cancellation);
        await client.SaveStateAsync(Store, "b", 3, metadata: Ttl("-1"), cancellationToken: Cancellation);

        time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(2, await client.GetStateAsync<int?>(Store, "a", cancellationToken: Cancellation));
        Assert.Equal(3, await client.GetStateAsync<int?>(Store, "b", cancellationToken: Cancellation));
    }

    [Theory]
    [InlineData("statestore", "a||b", "1", StatusCode.InvalidArgument)]
    [InlineData("elsewhere", "a", "1", StatusCode.InvalidArgument)]
    [InlineData("statestore", "a", "soon", StatusCode.Internal)]
    public async Task Bad_requests_get_daprds_status(string store, string key, string ttl, StatusCode expected)
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();

        var error = await Assert.ThrowsAsync<DaprException>(() => client.SaveStateAsync(store, key, 1, metadata: Ttl(ttl), cancellationToken: Cancellation));

        Assert.Equal(expected, Assert.IsType<RpcException>(error.InnerException).StatusCode);
    }

    [Fact]
    public async Task State_survives_a_restart()
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);

        await dapr.DownAsync();
        await Assert.ThrowsAsync<DaprException>(() => client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
        await dapr.UpAsync(Cancellation);

        using var again = dapr.CreateClient();
        Assert.Equal(new Box("one"), await again.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Metadata_names_the_store()
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();

        var metadata = await client.GetMetadataAsync(Cancellation);

        Assert.Contains(metadata.Components, component => component is { Name: Store, Type: "state.sqlite" });
    }

    [Fact]
    public async Task Health_is_served_over_HTTP_when_asked_for()
    {
        var directory = Directory.CreateTempSubdirectory("tka-dapr-");
        try
        {
            await using var dapr = await EmbeddedDapr.StartAsync(new EmbeddedDaprOptions { DataDirectory = directory.FullName, HttpPort = 0 }, Cancellation);
            using var client = new DaprClientBuilder().UseGrpcEndpoint(dapr.GrpcEndpoint.ToString()).UseHttpEndpoint(dapr.HttpEndpoint!.ToString()).Build();

            Assert.True(await client.CheckHealthAsync(Cancellation));
            Assert.True(await client.CheckOutboundHealthAsync(Cancellation));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_rest_of_Dapr_is_unimplemented()
    {
        await using var dapr = await TestDapr.StartAsync(Cancellation);
        using var client = dapr.CreateClient();

        var error = await Assert.ThrowsAsync<DaprException>(() => client.GetSecretAsync("secrets", "a", cancellationToken: Cancellation));

        Assert.Equal(StatusCode.Unimplemented, Assert.IsType<RpcException>(error.InnerException).StatusCode);
    }

    private static StateTransactionRequest Upsert(string key, string json) =>
        new(key, Encoding.UTF8.GetBytes(json), StateOperationType.Upsert);

    private static Dictionary<string, string> Ttl(string seconds) => new() { ["ttlInSeconds"] = seconds };

    private sealed record Box(string Text);
}

using Dapr;
using Dapr.Client;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using TKA.DevEnvironment.Dapr;
using Xunit;

namespace TKA.DevEnvironment.Tests.Dapr;

/// <summary>What the components for SQL databases have in common, and Redis not.</summary>
public abstract class SqlStateApiTests(StateStoreKind kind) : StateApiTests(kind)
{
    [Fact]
    public async Task An_etag_of_a_row_that_is_gone_does_not_create_it()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();

        Assert.False(await client.TrySaveStateAsync(Store, "a", new Box("x"), "999999999", cancellationToken: Cancellation));
        Assert.Null(await client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Delete_is_idempotent_and_with_etag_guarded()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);

        Assert.False(await client.TryDeleteStateAsync(Store, "a", "999999999", cancellationToken: Cancellation));
        var (_, etag) = await client.GetStateAndETagAsync<Box>(Store, "a", cancellationToken: Cancellation);
        Assert.True(await client.TryDeleteStateAsync(Store, "a", etag, cancellationToken: Cancellation));
        await client.DeleteStateAsync(Store, "a", cancellationToken: Cancellation);
        Assert.False(await client.TryDeleteStateAsync(Store, "a", etag, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task A_transaction_is_all_or_nothing()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);

        var error = await Assert.ThrowsAsync<DaprException>(() => client.ExecuteStateTransactionAsync(
            Store, [Upsert("b", "\"new\""), new StateTransactionRequest("a", null, StateOperationType.Delete, "999999999")], cancellationToken: Cancellation));

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
        await using var dapr = await StartAsync(time);
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", 1, metadata: Ttl("10"), cancellationToken: Cancellation);
        var (_, etag) = await client.GetStateAndETagAsync<int?>(Store, "a", cancellationToken: Cancellation);

        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, await client.GetStateAsync<int?>(Store, "a", cancellationToken: Cancellation));

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await client.GetStateAsync<int?>(Store, "a", cancellationToken: Cancellation));
        Assert.False(await client.TrySaveStateAsync(Store, "a", 2, etag, cancellationToken: Cancellation));
        Assert.True(await client.TrySaveStateAsync(Store, "a", 3, "", FirstWrite, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Writing_again_without_a_time_to_live_takes_it_away()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        await using var dapr = await StartAsync(time);
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", 1, metadata: Ttl("10"), cancellationToken: Cancellation);
        await client.SaveStateAsync(Store, "a", 2, cancellationToken: Cancellation);
        await client.SaveStateAsync(Store, "b", 3, metadata: Ttl("-1"), cancellationToken: Cancellation);

        time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(2, await client.GetStateAsync<int?>(Store, "a", cancellationToken: Cancellation));
        Assert.Equal(3, await client.GetStateAsync<int?>(Store, "b", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Bulk_get_tells_found_keys_once_and_missing_ones_last()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "b", 2, cancellationToken: Cancellation);
        await client.SaveStateAsync(Store, "a", 1, cancellationToken: Cancellation);

        var items = await client.GetBulkStateAsync<int?>(Store, ["missing", "b", "a", "b"], null, cancellationToken: Cancellation);

        Assert.Equal(["a", "b", "missing"], items.Select(item => item.Key));
    }
}

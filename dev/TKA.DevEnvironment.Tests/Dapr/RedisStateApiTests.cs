using Dapr;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using TKA.DevEnvironment.Dapr;
using Xunit;

namespace TKA.DevEnvironment.Tests.Dapr;

/// <summary>daprd with state.redis. Expectations are those of the component's Lua scripts.</summary>
public sealed class RedisStateApiTests() : StateApiTests(StateStoreKind.Redis)
{
    [Fact]
    public async Task Etags_count_a_keys_writes_and_start_again()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", 1, cancellationToken: Cancellation);
        await client.SaveStateAsync(Store, "a", 2, cancellationToken: Cancellation);
        var (_, second) = await client.GetStateAndETagAsync<int>(Store, "a", cancellationToken: Cancellation);
        await client.DeleteStateAsync(Store, "a", cancellationToken: Cancellation);
        await client.SaveStateAsync(Store, "a", 3, cancellationToken: Cancellation);
        var (_, again) = await client.GetStateAndETagAsync<int>(Store, "a", cancellationToken: Cancellation);

        Assert.Equal(("2", "1"), (second, again));
    }

    [Fact]
    public async Task A_write_with_an_etag_creates_a_missing_key()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();

        Assert.True(await client.TrySaveStateAsync(Store, "a", new Box("x"), "7", FirstWrite, cancellationToken: Cancellation));
        Assert.Equal(new Box("x"), await client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task A_first_write_is_refused_only_after_another_first_write()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "last", 1, cancellationToken: Cancellation);
        Assert.True(await client.TrySaveStateAsync(Store, "last", 2, "", FirstWrite, cancellationToken: Cancellation));

        var error = await Assert.ThrowsAsync<DaprException>(() =>
            client.TrySaveStateAsync(Store, "last", 3, "", FirstWrite, cancellationToken: Cancellation));

        Assert.Equal(StatusCode.Internal, Assert.IsType<RpcException>(error.InnerException).StatusCode);
        Assert.Equal(2, await client.GetStateAsync<int>(Store, "last", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task A_write_without_a_time_to_live_keeps_the_expiry()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        await using var dapr = await StartAsync(time);
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "kept", 1, metadata: Ttl("10"), cancellationToken: Cancellation);
        await client.SaveStateAsync(Store, "kept", 2, cancellationToken: Cancellation);
        await client.SaveStateAsync(Store, "persisted", 1, metadata: Ttl("10"), cancellationToken: Cancellation);
        await client.SaveStateAsync(Store, "persisted", 2, metadata: Ttl("-1"), cancellationToken: Cancellation);

        time.Advance(TimeSpan.FromSeconds(11));

        Assert.Null(await client.GetStateAsync<int?>(Store, "kept", cancellationToken: Cancellation));
        Assert.Equal(2, await client.GetStateAsync<int?>(Store, "persisted", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task A_transaction_does_not_roll_back()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "a", new Box("one"), cancellationToken: Cancellation);

        var error = await Assert.ThrowsAsync<DaprException>(() => client.ExecuteStateTransactionAsync(
            Store, [Upsert("b", "\"new\""), new("a", null, global::Dapr.Client.StateOperationType.Delete, "9")], cancellationToken: Cancellation));

        Assert.Equal(StatusCode.Internal, Assert.IsType<RpcException>(error.InnerException).StatusCode);
        Assert.Equal("new", await client.GetStateAsync<string>(Store, "b", cancellationToken: Cancellation));
        Assert.Equal(new Box("one"), await client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Bulk_get_answers_key_by_key()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();
        await client.SaveStateAsync(Store, "b", 2, cancellationToken: Cancellation);

        var items = await client.GetBulkStateAsync<int?>(Store, ["missing", "b", "b"], null, cancellationToken: Cancellation);

        Assert.Equal(["missing", "b", "b"], items.Select(item => item.Key));
    }

    [Fact]
    public async Task Deleting_a_missing_key_with_an_etag_succeeds()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();

        Assert.True(await client.TryDeleteStateAsync(Store, "a", "1", cancellationToken: Cancellation));
    }
}

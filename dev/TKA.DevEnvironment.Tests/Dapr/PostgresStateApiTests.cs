using Dapr;
using Grpc.Core;
using TKA.DevEnvironment.Dapr;
using Xunit;

namespace TKA.DevEnvironment.Tests.Dapr;

/// <summary>daprd with state.postgresql v1.</summary>
public sealed class PostgresStateApiTests() : SqlStateApiTests(StateStoreKind.Postgres)
{
    [Fact]
    public async Task A_first_write_on_an_existing_key_is_INTERNAL()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();
        Assert.True(await client.TrySaveStateAsync(Store, "a", new Box("one"), "", FirstWrite, cancellationToken: Cancellation));

        var error = await Assert.ThrowsAsync<DaprException>(() =>
            client.TrySaveStateAsync(Store, "a", new Box("two"), "", FirstWrite, cancellationToken: Cancellation));

        var rpc = Assert.IsType<RpcException>(error.InnerException);
        Assert.Equal(StatusCode.Internal, rpc.StatusCode);
        Assert.Equal("failed saving state in state store statestore: no item was updated", rpc.Status.Detail);
        Assert.Equal(new Box("one"), await client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task An_etag_that_is_no_number_is_INVALID_ARGUMENT()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();

        var error = await Assert.ThrowsAsync<DaprException>(() =>
            client.TrySaveStateAsync(Store, "a", new Box("two"), "not-a-number", FirstWrite, cancellationToken: Cancellation));

        Assert.Equal(StatusCode.InvalidArgument, Assert.IsType<RpcException>(error.InnerException).StatusCode);
    }
}

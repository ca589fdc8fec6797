using TKA.DevEnvironment.Dapr;
using Xunit;

namespace TKA.DevEnvironment.Tests.Dapr;

/// <summary>daprd with state.sqlite.</summary>
public sealed class SqliteStateApiTests() : SqlStateApiTests(StateStoreKind.Sqlite)
{
    [Fact]
    public async Task First_write_without_etag_creates_once()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();

        // An empty ETag is none for Dapr; the Try form turns the refusal into false.
        Assert.True(await client.TrySaveStateAsync(Store, "a", new Box("one"), "", FirstWrite, cancellationToken: Cancellation));
        Assert.False(await client.TrySaveStateAsync(Store, "a", new Box("two"), "", FirstWrite, cancellationToken: Cancellation));
        Assert.Equal(new Box("one"), await client.GetStateAsync<Box>(Store, "a", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Of_many_first_writers_one_wins()
    {
        await using var dapr = await StartAsync();
        using var client = dapr.CreateClient();

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            client.TrySaveStateAsync(Store, "a", new Box($"{i}"), "", FirstWrite, cancellationToken: Cancellation)));

        Assert.Single(results, won => won);
    }
}

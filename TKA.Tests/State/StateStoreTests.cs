using System.Text.Json.Serialization;
using Dapr.Client;
using Microsoft.Extensions.Logging.Abstractions;
using TKA.DevEnvironment.Dapr;
using TKA.State;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.State;

/// <summary>The state store on each component whose behaviour the embedded Dapr knows: callers see no difference.</summary>
public sealed partial class StateStoreTests
{
    public static TheoryData<StateStoreKind> Kinds => [.. Enum.GetValues<StateStoreKind>()];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_first_write_on_an_existing_key_is_a_conflict_and_no_failure(StateStoreKind kind)
    {
        await using var world = await World.StartAsync(kind);

        Assert.True(await world.Store.TryWriteAsync("a", new Document("first"), "", null, Cancellation));
        Assert.False(await world.Store.TryWriteAsync("a", new Document("second"), "", null, Cancellation));

        Assert.Equal("first", (await world.Store.ReadAsync<Document>("a", Cancellation))!.Value!.Text);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_write_or_delete_at_an_old_version_is_a_conflict(StateStoreKind kind)
    {
        await using var world = await World.StartAsync(kind);
        await world.Store.TryWriteAsync("a", new Document("1"), "", null, Cancellation);
        var read = await world.Store.ReadAsync<Document>("a", Cancellation);

        Assert.True(await world.Store.TryWriteAsync("a", new Document("2"), read!.ETag, null, Cancellation));
        Assert.False(await world.Store.TryWriteAsync("a", new Document("3"), read.ETag, null, Cancellation));
        Assert.False(await world.Store.TryDeleteAsync("a", read.ETag, Cancellation));

        read = await world.Store.ReadAsync<Document>("a", Cancellation);
        Assert.Equal("2", read!.Value!.Text);
        Assert.True(await world.Store.TryDeleteAsync("a", read.ETag, Cancellation));
        Assert.Null(await world.Store.ReadAsync<Document>("a", Cancellation));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_change_that_believes_the_key_absent_finds_what_is_there(StateStoreKind kind)
    {
        await using var world = await World.StartAsync(kind);
        await world.Store.TryWriteAsync("cursor", new Document("1"), "", null, Cancellation);

        await world.Store.ChangeAsync<Document>("cursor", known => new Document(known?.Text + "2"), _ => null, null, Cancellation);

        Assert.Equal("12", (await world.Store.ReadAsync<Document>("cursor", Cancellation))!.Value!.Text);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Many_are_found_by_key_whatever_the_order_of_the_answer(StateStoreKind kind)
    {
        await using var world = await World.StartAsync(kind);
        foreach (var key in (string[])["c", "a", "b"])
        {
            await world.Store.TryWriteAsync(key, new Document(key), "", null, Cancellation);
        }

        var found = await world.Store.ReadManyAsync<Document>(["b", "missing", "a", "c", "b"], Cancellation);

        Assert.Equal(["a", "b", "c"], found.Keys.Order());
        Assert.All(found, pair => Assert.Equal(pair.Key, pair.Value.Value!.Text));
    }

    [Fact]
    public async Task What_is_unreadable_counts_as_absent_and_can_be_overwritten()
    {
        await using var world = await World.StartAsync(StateStoreKind.Sqlite);
        using var dapr = world.Dapr.CreateClient();
        await dapr.SaveStateAsync(TestDapr.Store, "a", "no document", cancellationToken: Cancellation);

        var changed = await world.Store.ChangeAsync<Document>("a", known => known ?? new Document("new"), _ => null, await world.Store.ReadAsync<Document>("a", Cancellation), Cancellation);

        Assert.Equal("new", changed!.Text);
    }

    [Fact]
    public async Task A_sidecar_that_is_away_or_silent_is_one_kind_of_exception()
    {
        await using var world = await World.StartAsync(StateStoreKind.Sqlite);
        await world.Dapr.DownAsync();

        var error = await Assert.ThrowsAsync<StateUnavailableException>(() => world.Store.ReadAsync<Document>("a", Cancellation));
        Assert.Contains("Unavailable: ", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StateUnavailableException>(() => world.Store.TryWriteAsync("a", new Document("x"), "", null, Cancellation));
    }

    private sealed record Document(string Text);

    [JsonSerializable(typeof(Document))]
    private sealed partial class Documents : JsonSerializerContext;

    private sealed class World(TestDapr dapr, DaprClient client) : IAsyncDisposable
    {
        public TestDapr Dapr => dapr;

        public StateStore Store { get; } = new(
            client,
            Microsoft.Extensions.Options.Options.Create(new StateStoreOptions()),
            Documents.Default,
            NullLogger<StateStore>.Instance);

        public static async Task<World> StartAsync(StateStoreKind kind)
        {
            var dapr = await TestDapr.StartAsync(Cancellation, kind: kind);
            return new World(dapr, new DaprClientBuilder()
                .UseGrpcEndpoint(dapr.GrpcEndpoint.ToString())
                .UseJsonSerializationOptions(Documents.Default.Options)
                .Build());
        }

        public async ValueTask DisposeAsync()
        {
            client.Dispose();
            await dapr.DisposeAsync();
        }
    }
}

using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>Events are news: they wait for everything else, and hold up nothing.</summary>
public sealed class EventTests
{
    private const string Alice = "alice@example.com";

    [Fact]
    public async Task A_cluster_that_throttles_them_is_left_alone_and_sessions_go_on()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        var refused = 0;
        proxy.Rule = request => request.IsEvent && Interlocked.Increment(ref refused) > 0
            ? new Fault { Status = 429, Reason = "TooManyRequests", RetryAfterSeconds = 20 }
            : null;
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Proxy = proxy });
        await world.LoginAsync(Alice);
        await Eventually.TrueAsync(() => refused == 1, "the first Event");
        for (var i = 0; i < 20; i++)
        {
            await world.LoginAsync($"user{i}@example.com");
        }

        for (var i = 0; i < 20; i++)
        {
            await world.ReadyAsync($"user{i}@example.com");
            await world.LogoutAsync($"user{i}@example.com");
        }

        for (var i = 0; i < 20; i++)
        {
            await world.GoneAsync($"user{i}@example.com");
        }

        Assert.Equal(1, refused);
    }

    [Fact]
    public async Task What_repeats_is_counted_on_the_Event_that_is_there()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world);
        await world.LoginAsync(Alice);
        var signin = await world.ReadyAsync(Alice);
        for (var i = 0; i < 3; i++)
        {
            await tested.TokenAsync(signin);
        }

        await world.UntilAsync(
            async () => (await world.Events.ListAsync(null, TestContext.Current.CancellationToken)).Items.Any(item => item is { Reason: "TokenIssued", Count: 3 }),
            "one Event that counts to three");
        Assert.Equal(1, await world.CountEventsAsync("TokenIssued"));
    }
}

using TKA.Kubernetes.Sessions;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>Clocks that are wrong, and tokens near the end.</summary>
public sealed class ClockReliabilityTests(ITestOutputHelper output) : ReliabilityCases(output)
{
    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    public async Task Case_15_an_operator_whose_clock_is_wrong_ends_sessions_on_time(int minutesAhead)
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        var clock = new OffsetTime(world.Time) { Offset = TimeSpan.FromMinutes(minutesAhead) };
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup() with { Proxy = proxy, Clock = clock });
        var start = world.Clock.GetUtcNow();
        await world.LoginAsync(Alice, period: "20m");
        var signin = await world.ReadyAsync(Alice);
        Assert.InRange(signin.ValidUntil()!.Value, start.AddMinutes(19), start.AddMinutes(21));

        // The token's end is the cluster's word, not ours.
        var token = await tested.TokenAsync(signin);
        Assert.InRange(token.ExpirationTimestamp - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(18), TimeSpan.FromMinutes(21));
        Assert.Contains($"the clock differs from the API server's by {(minutesAhead > 0 ? "" : "-")}", await tested.ReadinessAsync(), StringComparison.Ordinal);
        Assert.StartsWith("200", await tested.ReadinessAsync(), StringComparison.Ordinal);

        world.Time.Advance(TimeSpan.FromMinutes(18));
        await Invariants.HoldAsync(world);
        Assert.True((await world.GetAsync(Alice))!.IsReady());

        world.Time.Advance(start.AddMinutes(20) - world.Clock.GetUtcNow());
        await world.GoneAsync(Alice);
        Assert.InRange(world.Clock.GetUtcNow(), start.AddMinutes(20), start.AddMinutes(21));
        await Invariants.HoldAsync(world);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    public async Task Case_15_the_same_with_real_clocks_and_the_clusters_own_word(int minutesAhead)
    {
        await using var world = await SessionWorld.StartAsync();
        var clock = new OffsetTime(TimeProvider.System) { Offset = TimeSpan.FromMinutes(minutesAhead) };
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup() with { Clock = clock, KeepDate = true });

        // Signed in half an hour ago but for some seconds.
        var end = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(6);
        await world.LoginAsync(Alice, asked: end - TimeSpan.FromMinutes(30));
        await world.ReadyAsync(Alice);
        await world.GoneAsync(Alice);

        Assert.InRange(TimeProvider.System.GetUtcNow() - end, TimeSpan.FromSeconds(-3), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Case_15_a_clock_that_jumps_two_hours_ahead_ends_nothing_early()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        var clock = new OffsetTime(world.Time);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup() with { Proxy = proxy, Clock = clock });
        var start = world.Clock.GetUtcNow();
        await world.LoginAsync(Alice, period: "30m");
        var signin = await world.ReadyAsync(Alice);

        clock.Offset = TimeSpan.FromHours(2);
        world.Time.Advance(TimeSpan.FromSeconds(20));
        await Invariants.HoldAsync(world);
        Assert.Equal(signin.Metadata.Uid, (await world.GetAsync(Alice))?.Metadata.Uid);
        await tested.TokenAsync(signin);
        Assert.Contains("the clock differs from the API server's by 7", await tested.ReadinessAsync(), StringComparison.Ordinal);

        world.Time.Advance(start.AddMinutes(30) - world.Clock.GetUtcNow());
        await world.GoneAsync(Alice);
        Assert.InRange(world.Clock.GetUtcNow(), start.AddMinutes(30), start.AddMinutes(31));
    }

    [Fact]
    public async Task Case_15_a_machine_that_slept_an_hour_ends_what_is_over_as_soon_as_it_wakes()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        var clock = new OffsetTime(world.Time);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup() with
        {
            Proxy = proxy,
            Clock = clock,

            // The lease's renewal would bring the time by itself.
            Configuration = new() { ["operator:leaderElection"] = "false" },
        });
        await world.LoginAsync(Alice, period: "30m");
        await world.LoginAsync(Bob, period: "8h");
        var signin = await world.ReadyAsync(Alice);
        await world.ReadyAsync(Bob);
        using (var early = await tested.RequestTokenAsync(signin))
        {
            Assert.True(early.IsSuccessStatusCode);
        }

        // Every wall clock moves on; timers and the monotonic clock of the sleeper stood still.
        clock.Offset = world.Clock.Offset = TimeSpan.FromHours(1);
        using (var late = await tested.RequestTokenAsync(signin))
        {
            Assert.True((int)late.StatusCode is 404 or 410, $"{late.StatusCode}");
        }

        var woke = world.Clock.GetUtcNow();
        await world.GoneAsync(Alice);
        Assert.InRange(world.Clock.GetUtcNow() - woke, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.True((await world.ReadyAsync(Bob)).IsReady());
        await Invariants.HoldAsync(world);
    }

    [Fact]
    public async Task Case_15_a_session_that_seemed_over_for_a_moment_still_ends_in_its_time()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        var clock = new OffsetTime(world.Time);
        await using var tested = await OperatorUnderTest.StartAsync(
            world, Setup() with { Proxy = proxy, Clock = clock, Configuration = new() { ["operator:leaderElection"] = "false" } });
        var start = world.Clock.GetUtcNow();
        await world.LoginAsync(Alice, period: "30m");
        var signin = await world.ReadyAsync(Alice);

        // The cluster's clock is wrong for a moment. Ten minutes later the calendar calls, and only then the cluster says better.
        world.Clock.Offset = TimeSpan.FromMinutes(20);
        await tested.TokenAsync(signin);
        world.Clock.Offset = TimeSpan.Zero;
        clock.Offset = TimeSpan.FromSeconds(9);
        proxy.Rule = _ => new Fault { AbortBefore = true };
        var passes = tested.Metric("tka_reconcile_total");
        world.Time.Advance(TimeSpan.FromMinutes(11));
        await Eventually.TrueAsync(() => tested.Metric("tka_reconcile_total") > passes, "a pass that cannot ask for the time");
        proxy.Rule = _ => null;
        world.TickLength = TimeSpan.FromMilliseconds(200);
        await world.UntilAsync(
            async () => (await tested.ReadinessAsync()).Contains("[+]clock ok", StringComparison.Ordinal) && tested.Metric("tka_workqueue_retries_total") > 0 && tested.Metric("tka_workqueue_depth") == 0,
            "a pass that could");
        Assert.Equal(signin.Metadata.Uid, (await world.ReadyAsync(Alice)).Metadata.Uid);

        world.Time.Advance(start.AddMinutes(30) - world.Clock.GetUtcNow());
        await world.GoneAsync(Alice);
        Assert.InRange(world.Clock.GetUtcNow(), start.AddMinutes(29.5), start.AddMinutes(31));
    }

    [Fact]
    public async Task Case_15_time_that_really_passes_in_one_go_ends_what_is_over()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());
        await world.LoginAsync(Alice, period: "30m");
        await world.LoginAsync(Bob, period: "8h");
        await world.ReadyAsync(Alice);
        await world.ReadyAsync(Bob);

        world.Time.Advance(TimeSpan.FromHours(2));

        await world.GoneAsync(Alice);
        await world.UntilAsync(() => Task.FromResult(tested.Leadership.IsLeading), "the operator leads again");
        Assert.True((await world.ReadyAsync(Bob)).IsReady());
        Assert.Contains("[+]clock ok", await tested.ReadinessAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(600)]
    public async Task Case_15_a_sign_in_from_the_future_makes_no_session_longer(int minutesAhead)
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());
        var started = world.Time.GetUtcNow();
        var signin = await world.LoginAsync(Alice, asked: started + TimeSpan.FromMinutes(minutesAhead));
        await world.UntilAsync(async () => (await world.GetAsync(Alice))!.IsReady(), "ready");

        var until = (await world.GetAsync(Alice))!.ValidUntil()!.Value;
        Assert.InRange(until, started + TimeSpan.FromMinutes(28), started + TimeSpan.FromMinutes(31));
        world.Time.Advance(TimeSpan.FromMinutes(31));
        await world.GoneAsync(Alice);
        Assert.NotNull(signin);
    }

    [Fact]
    public async Task Case_16_a_token_near_the_end_lives_no_longer_than_the_minimum_and_dies_with_the_session()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());
        await world.LoginAsync(Alice);
        var signin = await world.ReadyAsync(Alice);
        var early = await tested.TokenAsync(signin);
        Assert.InRange(early.ExpirationTimestamp, early.ValidUntil - TimeSpan.FromSeconds(30), early.ValidUntil + TimeSpan.FromSeconds(30));

        world.Time.Advance(TimeSpan.FromMinutes(26));
        var late = await tested.TokenAsync(signin);
        Assert.Equal(signin.ValidUntil(), late.ValidUntil);
        var lifetime = late.ExpirationTimestamp - TimeProvider.System.GetUtcNow();
        Assert.InRange(lifetime, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10.5));

        world.Time.Advance(TimeSpan.FromMinutes(4) + TimeSpan.FromSeconds(1));
        await world.UntilAsync(async () => await world.TryPodsAsync(late.Token) == 401, "the token is refused");
        using var over = await tested.RequestTokenAsync(signin);
        Assert.True((int)over.StatusCode is 404 or 410, $"{over.StatusCode}");
    }
}

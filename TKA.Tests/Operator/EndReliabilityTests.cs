using TKA.Kubernetes.Sessions;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>Sessions end when they should, whatever the operator was doing.</summary>
public sealed class EndReliabilityTests(ITestOutputHelper output) : ReliabilityCases(output)
{
    [Fact]
    public async Task Case_01_a_session_ends_when_its_time_is_over()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());
        await world.LoginAsync(Alice);
        var token = await tested.TokenAsync(await world.ReadyAsync(Alice));

        world.Time.Advance(TimeSpan.FromMinutes(30) + TimeSpan.FromSeconds(1));

        await world.GoneAsync(Alice);
        await world.UntilAsync(async () => await world.TryPodsAsync(token.Token) == 401, "the token is refused");
        await world.UntilAsync(async () => await world.CountEventsAsync("SessionExpired") == 1, "one Event");
        Assert.Equal(1, tested.Metric("tka_session_expiry_lag_seconds_count"));
        Assert.Equal(0, tested.Metric("tka_sessions_overdue"));
        await Invariants.HoldAsync(world);
    }

    [Fact]
    public async Task Case_02_an_operator_that_restarts_still_ends_it_on_time()
    {
        await using var world = await SessionWorld.StartAsync();
        await using (var first = await OperatorUnderTest.StartAsync(world, Setup()))
        {
            await world.LoginAsync(Alice);
            await world.ReadyAsync(Alice);
            world.Time.Advance(TimeSpan.FromMinutes(10));

            // The jump costs it the lease. It must lead again to release it at the end: the clock stands still from here on,
            // so a lease left behind would never run out for the next one.
            await Eventually.TrueAsync(() => first.Leadership.IsLeading, "the operator leads after the jump");
        }

        await using var restarted = await OperatorUnderTest.StartAsync(world, Setup());
        world.Time.Advance(TimeSpan.FromMinutes(19));
        await Invariants.HoldAsync(world);
        Assert.True((await world.GetAsync(Alice))!.IsReady());

        world.Time.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(2));
        await world.GoneAsync(Alice);
    }

    [Fact]
    public async Task Case_03_signing_in_again_moves_the_end_and_keeps_the_ServiceAccount()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());
        await world.LoginAsync(Alice);
        var first = await world.ReadyAsync(Alice);

        world.Time.Advance(TimeSpan.FromMinutes(20));
        await world.LoginAsync(Alice, period: "40m");
        var renewed = await world.ReadyAsync(Alice);
        Assert.Equal(first.Status!.ServiceAccount, renewed.Status!.ServiceAccount);
        Assert.Equal(renewed.Metadata.Generation, renewed.Status.ObservedGeneration);

        world.Time.Advance(TimeSpan.FromMinutes(39));
        await Invariants.HoldAsync(world);
        Assert.True((await world.GetAsync(Alice))!.IsReady());

        world.Time.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(1));
        await world.GoneAsync(Alice);
    }

    [Fact]
    public async Task Case_04_what_was_due_while_the_operator_was_down_ends_first_and_gets_no_token()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        TkaSignin over;
        await using (var first = await OperatorUnderTest.StartAsync(world, Setup()))
        {
            await world.LoginAsync(Alice);
            over = await world.ReadyAsync(Alice);
        }

        world.Time.Advance(TimeSpan.FromMinutes(90));
        for (var i = 0; i < 20; i++)
        {
            await world.LoginAsync($"new{i}@example.com");
        }

        await using var restarted = await OperatorUnderTest.StartAsync(world, Setup() with
        {
            Proxy = proxy,
            Configuration = new() { ["operator:workers"] = "1" },
        });
        using var answer = await restarted.RequestTokenAsync(over);
        Assert.True((int)answer.StatusCode is 404 or 410, $"{answer.StatusCode}");
        await world.GoneAsync(Alice);
        for (var i = 0; i < 20; i++)
        {
            await world.ReadyAsync($"new{i}@example.com");
        }

        var writes = proxy.Log.Where(request => request.IsWrite && request.Path.Contains(world.Tka.SessionsNamespace, StringComparison.Ordinal) && !request.IsEvent).ToArray();
        Assert.Contains(over.Metadata.Name, writes[0].Path, StringComparison.Ordinal);
        Assert.Contains(over.Metadata.Name, writes[1].Path, StringComparison.Ordinal);
        await Invariants.HoldAsync(world);
    }
}

using Microsoft.Extensions.DependencyInjection;
using TKA.Operator.Ledger;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>Dapr is away and the operator dies: nothing of what happened meanwhile is missing from the books in the end.</summary>
public sealed class LedgerOutageTests(ITestOutputHelper output)
{
    private const string Alice = "alice@example.com";
    private const string Bob = "bob@example.com";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_that_began_and_ended_without_Dapr_survives_the_operators_death()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, world.Time);
        await using var proxy = await FaultProxy.StartAsync(world);
        var start = world.Clock.GetUtcNow();
        await dapr.DownAsync();
        await using (var first = await OperatorUnderTest.StartAsync(world, Setup(dapr) with { Proxy = proxy }))
        {
            await DegradedAsync(world, first);
            await world.LoginAsync(Alice);
            await world.ReadyAsync(Alice);
            world.Time.Advance(TimeSpan.FromMinutes(5));
            await world.LoginAsync(Alice, "tka-edit", namespaces: "default");
            await world.ReadyAsync(Alice);
            await world.LoginAsync(Bob, period: "10m");
            await world.ReadyAsync(Bob);
            await world.LogoutAsync(Alice);
            await world.GoneAsync(Alice);
            world.Time.Advance(TimeSpan.FromMinutes(10));
            await world.GoneAsync(Bob);
            proxy.Kill();
        }

        await dapr.UpAsync(Cancel);
        await using var second = await OperatorUnderTest.StartAsync(world, Setup(dapr));
        world.TickLength = TimeSpan.FromMilliseconds(100);
        var history = await RecordedSessions.ReadAsync(world, second, start, records => records.Count == 2 && records.All(record => record.Ended is not null));

        var alice = history.Single(record => record.Username == Alice);
        Assert.Equal(["view", "tka-edit"], alice.Grants.Select(grant => grant.Role));
        Assert.Equal(alice.Grants[1].From, alice.Grants[0].Until);
        Assert.Equal(SessionEndings.Ended, alice.How);
        Assert.Equal(SessionEndings.Expired, history.Single(record => record.Username == Bob).How);
        await world.UntilAsync(async () => await OutboxAsync(world) is null, "the outbox is empty again");
    }

    [Fact]
    public async Task An_operator_that_dies_between_taking_away_and_letting_go_forgets_nothing()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, world.Time);
        await using var proxy = await FaultProxy.StartAsync(world);
        var start = world.Clock.GetUtcNow();
        await dapr.DownAsync();
        await using (var first = await OperatorUnderTest.StartAsync(world, Setup(dapr) with { Proxy = proxy }))
        {
            await DegradedAsync(world, first);
            await world.LoginAsync(Alice);
            await world.ReadyAsync(Alice);

            // The access is gone; the news of it never reach the cluster, so the TkaSignin must still be there.
            proxy.Rule = request => request.IsWrite && request.Path.EndsWith(LedgerOutbox.Name, StringComparison.Ordinal) ? new Fault { KillBefore = true } : null;
            await world.LogoutAsync(Alice);
            await world.UntilAsync(() => Task.FromResult(proxy.IsDead), "the write of the outbox");
            Assert.Empty(await world.RemainsAsync(Alice));
            Assert.NotNull(await world.GetAsync(Alice));
        }

        await dapr.UpAsync(Cancel);
        await using var second = await OperatorUnderTest.StartAsync(world, Setup(dapr));
        await world.GoneAsync(Alice);
        world.TickLength = TimeSpan.FromMilliseconds(100);
        var history = await RecordedSessions.ReadAsync(world, second, start, records => records is [{ Ended: not null }]);
        Assert.Equal("view", history[0].Grants.Single().Role);
    }

    [Fact]
    public async Task With_Dapr_there_the_outbox_is_never_written()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, world.Time);
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup(dapr) with { Proxy = proxy });
        var start = world.Clock.GetUtcNow();

        // A loaded machine must not make Dapr look slow.
        world.TickLength = TimeSpan.FromMilliseconds(1);
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);
        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);
        await RecordedSessions.ReadAsync(world, tested, start, records => records is [{ Ended: not null }]);

        Assert.DoesNotContain(proxy.Log, request => request.IsWrite && request.Path.EndsWith(LedgerOutbox.Name, StringComparison.Ordinal));
        Assert.True(proxy.Log.Count(request => request.Path.EndsWith(LedgerOutbox.Name, StringComparison.Ordinal)) <= 1);
    }

    [Fact]
    public async Task Where_there_is_no_outbox_sessions_end_all_the_same()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, world.Time);
        await k8s.CoreV1OperationsExtensions.DeleteNamespacedConfigMapAsync(
            world.Cluster.Admin.CoreV1, LedgerOutbox.Name, world.Tka.SystemNamespace, cancellationToken: Cancel);
        await dapr.DownAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup(dapr));
        await DegradedAsync(world, tested);

        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);
        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);
    }

    [Fact]
    public async Task A_long_outage_costs_no_memory_for_sessions_that_live_through_it()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, world.Time);
        await using (await OperatorUnderTest.StartAsync(world, Setup(dapr)))
        {
            await world.LoginAsync(Alice, period: "8h");
            await world.ReadyAsync(Alice);
        }

        await dapr.DownAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup(dapr));
        var ledger = tested.App.Services.GetRequiredService<DaprLedger>();
        world.TickLength = TimeSpan.FromSeconds(1);
        await world.UntilAsync(() => Task.FromResult(ledger.Failures >= 5), "five tries");

        Assert.Equal(1, ledger.PendingOf((await world.GetAsync(Alice))!.Metadata.Uid));
    }

    [Fact]
    public async Task What_somebody_has_spoilt_in_the_store_stops_nothing()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, world.Time);
        using var client = dapr.CreateClient();
        var start = world.Clock.GetUtcNow();
        foreach (var key in LedgerKeys.Days(start, start).Append(LedgerKeys.Cursor).Append(LedgerKeys.Due(start.AddMinutes(30))))
        {
            await client.SaveStateAsync(TestDapr.Store, key, 42, cancellationToken: Cancel);
        }

        await using var tested = await OperatorUnderTest.StartAsync(world, Setup(dapr));
        await world.LoginAsync(Alice);
        var signin = await world.ReadyAsync(Alice);
        await client.SaveStateAsync(TestDapr.Store, LedgerKeys.Session(signin.Metadata.Uid), "rubbish", cancellationToken: Cancel);
        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);

        world.TickLength = TimeSpan.FromMilliseconds(100);
        var history = await RecordedSessions.ReadAsync(world, tested, start, records => records is [{ Ended: not null }]);
        Assert.Equal(Alice, history[0].Username);
    }

    [Fact]
    public async Task The_books_catch_up_within_seconds_of_Daprs_return()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel);
        await dapr.DownAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup(dapr) with { Clock = TimeProvider.System, KeepDate = true });
        await DegradedAsync(world, tested);
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);

        // Long enough for gRPC to have given up on the address for longer and longer.
        await Eventually.TrueAsync(() => tested.App.Services.GetRequiredService<DaprLedger>().Failures >= 7, "seven tries");
        await dapr.UpAsync(Cancel);
        var back = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(() => tested.Metric("tka_ledger_pending") == 0, "the books are written");

        Assert.InRange(TimeProvider.System.GetElapsedTime(back), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    private static Task DegradedAsync(SessionWorld world, OperatorUnderTest tested) =>
        world.UntilAsync(async () => (await tested.ReadinessAsync()).Contains("[~]ledger degraded", StringComparison.Ordinal), "degraded");

    private static async Task<IDictionary<string, byte[]>?> OutboxAsync(SessionWorld world)
    {
        var map = await k8s.CoreV1OperationsExtensions.ReadNamespacedConfigMapAsync(
            world.Cluster.Admin.CoreV1, LedgerOutbox.Name, world.Tka.SystemNamespace, cancellationToken: Cancel);
        return map.BinaryData;
    }

    private OperatorSetup Setup(TestDapr dapr) => new()
    {
        Output = output,
        Configuration = new()
        {
            ["DAPR_GRPC_ENDPOINT"] = dapr.GrpcEndpoint.ToString(),

            // A dead operator's lease runs out in its own time, which is not what is tested here.
            ["operator:leaderElection"] = "false",
        },
    };
}

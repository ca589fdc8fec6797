using Microsoft.Extensions.DependencyInjection;
using TKA.Operator.Runtime.LeaderElection;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>Two replicas on one cluster.</summary>
public sealed class LeaderElectionTests(ITestOutputHelper output)
{
    private const string Alice = "alice@example.com";

    [Fact]
    public async Task One_leads_and_a_leader_that_stops_hands_over_at_once()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var one = await OperatorUnderTest.StartAsync(world, Setup());
        await using var other = await OperatorUnderTest.StartWithoutWaitingAsync(world, Setup());
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);
        Assert.False(other.Leadership.IsLeading);
        Assert.Contains("waiting;", await other.ReadinessAsync(), StringComparison.Ordinal);

        var stoppedAt = world.Time.GetUtcNow();
        await one.StopAsync();
        await world.UntilAsync(() => Task.FromResult(other.Leadership.IsLeading), "the other leads");

        // The released lease is taken with the next try (2 s), not when it would have run out (15 s).
        Assert.True(world.Time.GetUtcNow() - stoppedAt < TimeSpan.FromSeconds(5), $"{world.Time.GetUtcNow() - stoppedAt}");
        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);
    }

    [Fact]
    public async Task A_leader_that_stops_finishes_what_it_has_begun_and_gives_the_lease_back()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var one = await OperatorUnderTest.StartAsync(world, Setup() with { Proxy = proxy });
        proxy.Rule = request => request is { Method: "POST", IsDryRun: false } && request.Path.EndsWith("/serviceaccounts", StringComparison.Ordinal)
            ? new Fault { Delay = TimeSpan.FromSeconds(1) }
            : null;
        await world.LoginAsync(Alice);
        await Eventually.TrueAsync(() => proxy.Log.Any(request => request.Method == "POST" && request.Path.EndsWith("/serviceaccounts", StringComparison.Ordinal)), "the session is being set up");
        var before = proxy.Log.Count;

        await one.StopAsync();

        var after = proxy.Log.Skip(before).ToList();
        Assert.Contains(after, request => request is { Method: "POST", IsDryRun: false } && request.Path.EndsWith("bindings", StringComparison.Ordinal));
        Assert.True(after.FindLast(request => request.IsWrite && !request.IsEvent)?.IsLease, string.Join('\n', after));
    }

    [Fact]
    public async Task A_leader_that_dies_is_replaced_within_the_lease_and_nothing_is_forgotten()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var one = await OperatorUnderTest.StartAsync(world, Setup() with { Proxy = proxy });
        await using var other = await OperatorUnderTest.StartWithoutWaitingAsync(world, Setup());
        await world.LoginAsync(Alice, period: "10m");
        await world.ReadyAsync(Alice);
        await world.UntilAsync(() => Task.FromResult(other.Leadership.Leader.Length > 0), "the other has seen the leader");

        // Killed ten seconds before the session is over: the gap in expiry is no longer than the lease.
        world.Time.Advance(TimeSpan.FromMinutes(9) + TimeSpan.FromSeconds(48));
        await world.UntilAsync(() => Task.FromResult(one.Leadership.IsLeading || other.Leadership.IsLeading), "somebody leads");
        var (leader, heir) = one.Leadership.IsLeading ? (one, other) : (other, one);
        if (leader == one)
        {
            proxy.Kill();
        }

        var end = (await world.GetAsync(Alice))!.Status!.ValidUntil;
        world.TickLength = TimeSpan.FromMilliseconds(100);
        await world.GoneAsync(Alice);
        var gap = world.Time.GetUtcNow() - DateTimeOffset.Parse(end!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(gap < TimeSpan.FromSeconds(20), $"{gap}");
        Assert.NotNull(heir);
        await Invariants.HoldAsync(world);
    }

    [Fact]
    public async Task A_paused_leader_stops_working_when_its_lease_is_over()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var one = await OperatorUnderTest.StartAsync(world, Setup() with { Proxy = proxy });
        await using var other = await OperatorUnderTest.StartWithoutWaitingAsync(world, Setup());
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);

        // Cut off from the cluster for everything, as in a partition.
        proxy.Rule = _ => new Fault { AbortBefore = true };
        world.TickLength = TimeSpan.FromMilliseconds(100);
        await world.UntilAsync(() => Task.FromResult(!one.Leadership.IsLeading && other.Leadership.IsLeading), "the other leads, and only the other");
        await world.LoginAsync(Alice, "tka-edit", namespaces: "default");
        await world.ReadyAsync(Alice);

        proxy.Rule = _ => null;
        await world.LoginAsync(Alice, "view");
        await world.ReadyAsync(Alice);
        Assert.False(one.Leadership.IsLeading);
        await Invariants.HoldAsync(world);
    }

    [Fact]
    public async Task A_leader_that_stops_while_its_renewal_is_under_way_hands_over_all_the_same()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var one = await OperatorUnderTest.StartAsync(world, Setup() with { Proxy = proxy });
        await using var other = await OperatorUnderTest.StartWithoutWaitingAsync(world, Setup());
        await world.UntilAsync(() => Task.FromResult(other.Leadership.Leader.Length > 0), "the other has seen the leader");

        // The cluster renews it, and the answer is lost: what the leader knows of the lease is out of date when it stops.
        var lost = 0;
        proxy.Rule = request => request is { IsLease: true, Method: "PUT" } && Interlocked.Increment(ref lost) == 1 ? new Fault { AbortAfter = true } : null;
        await world.UntilAsync(() => Task.FromResult(lost > 0), "a renewal");
        var stoppedAt = world.Time.GetUtcNow();
        await one.StopAsync();
        await world.UntilAsync(() => Task.FromResult(other.Leadership.IsLeading), "the other leads");

        Assert.True(world.Time.GetUtcNow() - stoppedAt < TimeSpan.FromSeconds(5), $"{world.Time.GetUtcNow() - stoppedAt}");
    }

    [Fact]
    public async Task A_lease_removed_by_hand_is_taken_again()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());

        await k8s.CoordinationV1OperationsExtensions.DeleteNamespacedLeaseAsync(
            world.Cluster.Admin.CoordinationV1, "tka-operator", world.Tka.SystemNamespace, cancellationToken: TestContext.Current.CancellationToken);
        world.TickLength = TimeSpan.FromMilliseconds(200);
        await world.UntilAsync(
            async () => (await k8s.CoordinationV1OperationsExtensions.ListNamespacedLeaseAsync(
                world.Cluster.Admin.CoordinationV1, world.Tka.SystemNamespace, cancellationToken: TestContext.Current.CancellationToken)).Items.Count == 1,
            "it is taken again");
        await world.UntilAsync(() => Task.FromResult(tested.Leadership.IsLeading), "it leads again");

        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);
    }

    [Fact]
    public async Task S22_a_container_that_restarts_in_its_Pod_leads_at_once()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        var pod = new LeaderElectionOptions { Namespace = world.Tka.SystemNamespace, Name = "tka-operator", Identity = "tka-operator-0" };
        var setup = Setup() with { Services = services => services.AddSingleton(pod) };
        await using var killed = await OperatorUnderTest.StartAsync(world, setup with { Proxy = proxy });
        proxy.Kill();

        // The clock stands still: no lease runs out.
        await using var restarted = await OperatorUnderTest.StartWithoutWaitingAsync(world, setup);
        await Eventually.TrueAsync(() => restarted.Leadership.IsLeading, "the restarted container leads");
    }

    private OperatorSetup Setup() => new() { Output = output };
}

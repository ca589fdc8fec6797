using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Signins;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>The twenty cases of the reliability reference, section 8, by number. Case 5 is <see cref="CrashTests"/>.</summary>
public sealed partial class ReliabilityCases(ITestOutputHelper output)
{
    private const string Alice = "alice@example.com";
    private const string Bob = "bob@example.com";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Case_01_a_session_ends_when_its_time_is_over()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
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
        await using (var first = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup()))
        {
            await world.LoginAsync(Alice);
            await world.ReadyAsync(Alice);
            world.Time.Advance(TimeSpan.FromMinutes(10));

            // The jump costs it the lease. It must lead again to release it at the end: the clock stands still from here on,
            // so a lease left behind would never run out for the next one.
            await Soon.TrueAsync(() => first.Controller.IsLeading, "the operator leads after the jump");
        }

        await using var restarted = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
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
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
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
        await using var proxy = await FaultProxy.StartAsync(world.Cluster);
        TkaSignin over;
        await using (var first = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup()))
        {
            await world.LoginAsync(Alice);
            over = await world.ReadyAsync(Alice);
        }

        world.Time.Advance(TimeSpan.FromMinutes(90));
        for (var i = 0; i < 20; i++)
        {
            await world.LoginAsync($"new{i}@example.com");
        }

        await using var restarted = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup() with
        {
            Proxy = proxy,
            Configuration = new() { ["operator:workers"] = "1" },
        });
        using var answer = await restarted.RequestTokenAsync(over);
        Assert.True((int)answer.StatusCode is 404 or 410, $"{answer.StatusCode}");
        await world.GoneAsync(Alice);
        await world.ReadyAsync("new19@example.com");

        var writes = proxy.Log.Where(request => request.IsWrite && request.Path.Contains(world.Tka.SessionsNamespace, StringComparison.Ordinal) && !request.IsEvent).ToArray();
        Assert.Contains(over.Metadata.Name, writes[0].Path, StringComparison.Ordinal);
        Assert.Contains(over.Metadata.Name, writes[1].Path, StringComparison.Ordinal);
        await Invariants.HoldAsync(world);
    }

    [Fact]
    public async Task Case_06_what_is_gone_already_does_not_stop_the_clean_up()
    {
        await using var world = await SessionWorld.StartAsync();
        TkaSignin signin;
        await using (await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup()))
        {
            await world.LoginAsync(Alice);
            signin = await world.ReadyAsync(Alice);
            await world.LoginAsync(Bob);
            await world.ReadyAsync(Bob);
        }

        await world.ClusterRoleBindings.DeleteAsync(SessionNames.ForBinding(signin.Metadata.Name, "view"), null, Cancel);
        await world.ServiceAccounts.DeleteAsync(SessionNames.ForLogin(Bob), null, Cancel);
        await world.LogoutAsync(Alice);
        await world.LogoutAsync(Bob);

        await using var restarted = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
        await world.GoneAsync(Alice);
        await world.GoneAsync(Bob);
        Assert.Equal(0, restarted.Metric("tka_revocation_failures_total"));
    }

    [Fact]
    public async Task Case_06_a_deletion_that_finds_nothing_is_success()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world.Cluster);
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup() with { Proxy = proxy });
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);

        // Done by the cluster, and then again: the second answer is NotFound.
        var seen = new HashSet<string>();
        proxy.Rule = request => request.Method == "DELETE" && seen.Add(request.Path) ? new Fault { AbortAfter = true } : null;
        await world.LogoutAsync(Alice);

        await world.GoneAsync(Alice);
    }

    [Fact]
    public async Task Case_06_a_conflict_is_not_taken_for_gone()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world.Cluster);
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup() with { Proxy = proxy });
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);

        var seen = new HashSet<string>();
        proxy.Rule = request => request.Method == "DELETE" && seen.Add(request.Path) ? new Fault { Status = 409, Reason = "Conflict" } : null;
        await world.LogoutAsync(Alice);

        await world.GoneAsync(Alice);
        Assert.Equal(2, seen.Count);
    }

    [Fact]
    public async Task Case_07_a_revocation_that_keeps_failing_is_visible_and_never_given_up()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world.Cluster);
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup() with
        {
            // So that no pass is cut off by a lease that the turning clock takes away: every failure is to be counted.
            Proxy = proxy,
            Configuration = new() { ["operator:leaderElection"] = "false" },
        });
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);
        var failures = 0;
        proxy.Rule = request => request is { Method: "DELETE" } && request.Path.Contains("/serviceaccounts/", StringComparison.Ordinal) && ++failures <= 20
            ? new Fault { Status = 500, Reason = "InternalError" }
            : null;

        world.Time.Advance(TimeSpan.FromMinutes(30) + TimeSpan.FromSeconds(1));
        var signin = await world.ReasonAsync(Alice, ConditionReasons.RevocationFailed);
        Assert.Equal("False", signin.ReadyCondition()!.Status);
        Assert.Equal(1, tested.Metric("tka_sessions_overdue"));
        await world.UntilAsync(async () => await world.CountEventsAsync("RevocationFailed") == 1, "the Event");

        world.TickLength = TimeSpan.FromSeconds(2);
        await world.GoneAsync(Alice);
        Assert.Equal(21, failures);
        Assert.Equal(20, tested.Metric("tka_revocation_failures_total"));
        Assert.Equal(0, tested.Metric("tka_sessions_overdue"));
    }

    [Fact]
    public async Task Case_08_a_changed_role_replaces_the_binding_and_never_adds_to_it()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var most = WatchMostBindingsAsync(world, Alice, stop.Token);

        foreach (var role in new[] { "edit", "view", "admin", "view" })
        {
            await world.LoginAsync(Alice, role);
            await world.UntilAsync(async () => (await world.RemainsAsync(Alice)).Contains($"clusterrolebinding {role}"), role);
            var ready = await world.ReadyAsync(Alice);
            Assert.Equal(2, (await world.RemainsAsync(Alice)).Count);
            Assert.Equal(ready.Metadata.Generation, ready.Status!.ObservedGeneration);
        }

        await stop.CancelAsync();
        Assert.Equal(1, await most);
        await Invariants.HoldAsync(world);
    }

    [Fact]
    public async Task Case_09_a_login_right_after_a_logout_is_a_new_session()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
        for (var round = 0; round < 10; round++)
        {
            await world.LoginAsync(Alice, round % 2 == 0 ? "view" : "edit");
            var first = await world.ReadyAsync(Alice);
            var token = await tested.TokenAsync(first);

            await world.LogoutAsync(Alice);
            await world.LoginAsync(Alice, "view");
            var second = await world.ReadyAsync(Alice);

            Assert.NotEqual(first.Metadata.Uid, second.Metadata.Uid);
            Assert.NotEqual(first.Status!.ServiceAccount!.Uid, second.Status!.ServiceAccount!.Uid);
            await world.UntilAsync(async () => await world.TryPodsAsync(token.Token) == 401, "the first session's token is refused");
            Assert.Equal(200, await world.TryPodsAsync((await tested.TokenAsync(second)).Token));
            await world.LogoutAsync(Alice);
            await world.GoneAsync(Alice);
        }
    }

    [Fact]
    public async Task Case_10_people_with_similar_names_have_sessions_of_their_own()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
        string[] people = ["alice@a.com", "alice@b.com", "alice@github", "a.l+x@a.com", new string('a', 300) + "@a.com", "日本@a.com", "../x"];
        foreach (var login in people)
        {
            await world.LoginAsync(login, login == "alice@a.com" ? "admin" : "view");
        }

        foreach (var login in people)
        {
            await world.ReadyAsync(login);
        }

        Assert.Equal(SessionNames.ForLogin("alice@a.com"), SessionNames.ForLogin("Alice@A.com"));
        Assert.Contains("clusterrolebinding admin", await world.RemainsAsync("alice@a.com"));
        Assert.DoesNotContain("clusterrolebinding admin", await world.RemainsAsync("alice@b.com"));

        // Whoever names another person does not get the session's token, even when the name's hash should collide.
        using var refused = await tested.RequestTokenAsync((await world.GetAsync("alice@a.com"))!, username: "alice@b.com");
        Assert.Equal(404, (int)refused.StatusCode);
        await Invariants.HoldAsync(world);
    }

    private static async Task<int> WatchMostBindingsAsync(SessionWorld world, string login, CancellationToken cancellationToken)
    {
        var session = SessionNames.ForLogin(login);
        var list = await world.ClusterRoleBindings.ListAsync(null, CancellationToken.None);
        var names = list.Items.Select(binding => binding.Metadata.Name).Where(name => name.StartsWith(session, StringComparison.Ordinal)).ToHashSet();
        var most = names.Count;
        try
        {
            await foreach (var change in world.ClusterRoleBindings.WatchAsync(list.Metadata.ResourceVersion, null, TimeSpan.FromMinutes(5), cancellationToken))
            {
                var name = change.Resource.Metadata.Name;
                if (name?.StartsWith(session, StringComparison.Ordinal) == true)
                {
                    _ = change.Type == ResourceEventType.Deleted ? names.Remove(name) : names.Add(name);
                    most = Math.Max(most, names.Count);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test has seen enough.
        }

        return most;
    }

    private OperatorSetup Setup() => new() { Output = output };
}

using System.Text.Json.Nodes;
using k8s.Models;
using TKA.Contracts.Operator;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Signins;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

public sealed partial class ReliabilityCases
{
    [Fact]
    public async Task Case_11_a_watch_that_dies_silently_is_noticed()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world.Cluster);
        var stalled = 0;
        proxy.Rule = request => request.IsWatch && request.Path.EndsWith("/tkasignins", StringComparison.Ordinal) && Interlocked.Increment(ref stalled) == 1
            ? new Fault { StallAfterChunks = 0, StallFor = TimeSpan.FromMinutes(10) }
            : null;
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup() with { Proxy = proxy });
        await world.UntilAsync(() => Task.FromResult(stalled > 0), "the watch");
        await world.LoginAsync(Alice);

        // Nothing arrives. The watchdog's time passes, and the watch is opened again from where it was.
        world.Time.Advance(TimeSpan.FromSeconds(151));
        await world.ReadyAsync(Alice);
        Assert.Single(proxy.Log, request => request.IsList && request.Path.EndsWith("/tkasignins", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Case_11_a_version_that_is_too_old_leads_to_a_new_list()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world.Cluster);
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup() with { Proxy = proxy });
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);

        // All watches break, and opening them again is answered with 410; meanwhile the session is ended.
        var gone = 0;
        proxy.Rule = request => request.IsWatch && Interlocked.Increment(ref gone) <= 4 ? new Fault { Status = 410, Reason = "Expired" } : null;
        world.Time.Advance(TimeSpan.FromSeconds(151));
        await world.LogoutAsync(Alice);
        await world.UntilAsync(() => Task.FromResult(gone >= 4), "four answers of 410");

        await world.GoneAsync(Alice);
        Assert.True(proxy.Log.Count(request => request.IsList && request.Path.EndsWith("/tkasignins", StringComparison.Ordinal)) >= 2);
    }

    [Fact]
    public async Task Case_11_nothing_is_done_before_every_list_is_there()
    {
        await using var world = await SessionWorld.StartAsync();
        await using (await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup()))
        {
            await world.LoginAsync(Alice);
            await world.ReadyAsync(Alice);
        }

        await using var proxy = await FaultProxy.StartAsync(world.Cluster);
        var open = new TaskCompletionSource();
        var refused = 0;
        proxy.Rule = request => request.IsList && request.Path.EndsWith("/tkasignins", StringComparison.Ordinal) && !open.Task.IsCompleted && Interlocked.Increment(ref refused) > 0
            ? new Fault { Status = 503, Reason = "ServiceUnavailable" }
            : null;
        await using var tested = await OperatorUnderTest.StartWithoutWaitingAsync(world.Tka, world.Time, Setup() with { Proxy = proxy });
        world.TickLength = TimeSpan.FromMilliseconds(200);
        await world.UntilAsync(() => Task.FromResult(refused >= 5), "five refused lists");
        Assert.False(tested.Controller.IsLeading);
        Assert.StartsWith("503", await tested.ReadinessAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(proxy.Log, request => request.Method == "DELETE");

        open.SetResult();
        await world.UntilAsync(() => Task.FromResult(tested.Controller.IsLeading), "the operator leads");
        Assert.True((await world.ReadyAsync(Alice)).IsReady());
        Assert.DoesNotContain(proxy.Log, request => request.Method == "DELETE");
    }

    [Fact]
    public async Task Case_12_conflicts_are_looked_at_again_and_overwrite_nothing()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world.Cluster);
        var (status, finalizers) = (0, 0);
        proxy.Rule = request => request.Method != "PATCH" || !request.Path.Contains("/tkasignins/", StringComparison.Ordinal) ? null
            : (request.Path.EndsWith("/status", StringComparison.Ordinal) ? ++status : ++finalizers) <= 5 ? new Fault { Status = 409, Reason = "Conflict" }
            : null;
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup() with { Proxy = proxy });
        await world.LoginAsync(Alice);
        await world.Admin.MergePatchAsync(
            SessionNames.ForLogin(Alice), new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["team"] = "a" } } }, null, Cancel);

        var signin = await world.ReadyAsync(Alice);
        Assert.Equal(6, status);
        Assert.Equal("a", signin.Metadata.Labels["team"]);
        Assert.Contains(TkaSigninResource.Finalizer, signin.Metadata.Finalizers);

        await world.Admin.MergePatchAsync(
            signin.Metadata.Name,
            new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray(TkaSigninResource.Finalizer, "example.com/other") } },
            null,
            Cancel);
        await world.LogoutAsync(Alice);
        await world.UntilAsync(
            async () => (await world.GetAsync(Alice))?.Metadata.Finalizers is ["example.com/other"] && (await world.RemainsAsync(Alice)).Count == 0,
            "only the other's finalizer is left");
        Assert.Equal(6, finalizers);
        await world.Admin.MergePatchAsync(
            signin.Metadata.Name, new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } }, null, Cancel);
        await world.GoneAsync(Alice);
    }

    [Fact]
    public async Task Case_13_a_throttling_cluster_is_left_alone_for_as_long_as_it_asks()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world.Cluster);
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup() with { Proxy = proxy });
        var creates = 0;
        proxy.Rule = request => request.Method == "POST" && request.Path.EndsWith("/serviceaccounts", StringComparison.Ordinal)
            ? Interlocked.Increment(ref creates) switch
            {
                <= 10 => new Fault { Status = 429, Reason = "TooManyRequests", RetryAfterSeconds = 5 },
                <= 20 => new Fault { Status = 503, Reason = "ServiceUnavailable" },
                _ => null,
            }
            : null;
        var people = Enumerable.Range(0, 100).Select(i => $"user{i}@example.com").ToArray();
        foreach (var login in people)
        {
            await world.LoginAsync(login);
        }

        // At most one request of each worker was under way when the first answer came; then it is quiet.
        await Soon.TrueAsync(() => creates > 0, "the first request");
        world.Time.Advance(TimeSpan.FromSeconds(4));
        await Soon.TrueAsync(() => tested.Signins.Count == 100, "all sessions are known");
        Assert.InRange(creates, 1, 10);

        world.TickLength = TimeSpan.FromMilliseconds(100);
        foreach (var login in people)
        {
            await world.ReadyAsync(login);
        }

        await Invariants.HoldAsync(world);
        Assert.InRange(creates, 100, 160);
    }

    [Fact]
    public async Task Case_14_two_active_operators_come_to_the_same_result()
    {
        await using var world = await SessionWorld.StartAsync();
        var both = Setup() with { Configuration = new() { ["operator:leaderElection"] = "false" } };
        await using var one = await OperatorUnderTest.StartAsync(world.Tka, world.Time, both);
        await using var other = await OperatorUnderTest.StartAsync(world.Tka, world.Time, both);
        var people = Enumerable.Range(0, 20).Select(i => $"user{i}@example.com").ToArray();

        foreach (var login in people)
        {
            await world.LoginAsync(login);
        }

        foreach (var login in people)
        {
            await world.ReadyAsync(login);
            await world.LoginAsync(login, "edit");
        }

        foreach (var login in people)
        {
            await world.ReadyAsync(login);
        }

        await Invariants.HoldAsync(world);
        var before = await Invariants.SnapshotAsync(world);
        world.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(before, await Invariants.SnapshotAsync(world));

        foreach (var login in people)
        {
            await world.LogoutAsync(login);
        }

        foreach (var login in people)
        {
            await world.GoneAsync(login);
        }
    }

    [Fact]
    public async Task Case_15_a_clock_that_jumps_ends_what_is_over_at_once()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
        await world.LoginAsync(Alice, period: "30m");
        await world.LoginAsync(Bob, period: "8h");
        await world.ReadyAsync(Alice);
        await world.ReadyAsync(Bob);

        world.Time.Advance(TimeSpan.FromHours(2));

        await world.GoneAsync(Alice);
        await world.UntilAsync(() => Task.FromResult(tested.Controller.IsLeading), "the operator leads again");
        Assert.True((await world.ReadyAsync(Bob)).IsReady());
        Assert.Contains("the clock differs from the API server's", await tested.ReadinessAsync(), StringComparison.Ordinal);
        Assert.StartsWith("200", await tested.ReadinessAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(600)]
    public async Task Case_15_a_sign_in_from_the_future_makes_no_session_longer(int minutesAhead)
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
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
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
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

    [Theory]
    [InlineData("cluster-admin", "8h", ConditionReasons.RoleNotAllowed)]
    [InlineData("system:masters", "8h", null)]
    [InlineData("nobody-knows-it", "8h", ConditionReasons.RoleNotAllowed)]
    [InlineData("view", "87600h", ConditionReasons.InvalidPeriod)]
    [InlineData("view", "5m", null)]
    [InlineData("view", "soon", null)]
    public async Task Case_17_what_is_refused_gets_nothing_and_does_not_stay_for_ever(string role, string period, string? reason)
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
        if (reason is null)
        {
            // The resource's own schema refuses it.
            var refused = await Assert.ThrowsAsync<KubernetesRequestException>(() => world.LoginAsync(Alice, role, period));
            Assert.Equal(KubernetesError.Invalid, refused.Error);
            return;
        }

        await world.LoginAsync(Alice, role, period);
        var signin = await world.ReasonAsync(Alice, reason);
        Assert.Empty(await world.RemainsAsync(Alice));
        Assert.True(ConditionReasons.IsRejection(signin.ReadyCondition()!.Reason));
        await world.UntilAsync(async () => await world.CountEventsAsync("SessionRejected") == 1, "the Event");
        using var token = await tested.RequestTokenAsync(signin);
        Assert.Equal(409, (int)token.StatusCode);

        world.Time.Advance(TimeSpan.FromHours(9));
        await world.GoneAsync(Alice);
    }

    [Fact]
    public async Task Case_17_a_session_that_asks_for_a_refused_role_loses_the_one_it_had()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
        await world.LoginAsync(Alice, "edit");
        await world.ReadyAsync(Alice);

        await world.LoginAsync(Alice, "cluster-admin");

        await world.ReasonAsync(Alice, ConditionReasons.RoleNotAllowed);
        Assert.Empty(await world.RemainsAsync(Alice));
        await world.LoginAsync(Alice, "view");
        await world.ReadyAsync(Alice);
    }

    [Fact]
    public async Task Case_17_a_missing_namespace_or_one_of_our_own_is_refused()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());

        await world.LoginAsync(Alice, "view", "30m", "no-such-namespace");
        await world.LoginAsync(Bob, "view", "30m", world.Tka.SystemNamespace);

        await world.ReasonAsync(Alice, ConditionReasons.NamespaceNotFound);
        await world.ReasonAsync(Bob, ConditionReasons.RoleNotAllowed);
        Assert.Empty(await world.RemainsAsync(Alice));
        Assert.Empty(await world.RemainsAsync(Bob));
    }

    [Fact]
    public async Task Case_18_only_the_API_may_say_who_gets_what()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
        await world.LoginAsync(Alice);
        var signin = await world.ReadyAsync(Alice);

        // Even a cluster administrator, whom RBAC lets do everything.
        var spec = new JsonObject { ["spec"] = new JsonObject { ["role"] = "admin" } };
        var longer = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [TkaAnnotations.LastAttemptedSignIn] = "2030-01-01T00:00:00Z" } } };
        Assert.Equal(KubernetesError.Forbidden, (await Assert.ThrowsAsync<KubernetesRequestException>(() => world.Admin.MergePatchAsync(signin.Metadata.Name, spec, null, Cancel))).Error);
        Assert.Equal(KubernetesError.Forbidden, (await Assert.ThrowsAsync<KubernetesRequestException>(() => world.Admin.MergePatchAsync(signin.Metadata.Name, longer, null, Cancel))).Error);
    }

    [Fact]
    public async Task Case_18_a_foreign_object_with_our_name_is_left_alone()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
        var foreign = await world.ServiceAccounts.CreateAsync(
            new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = SessionNames.ForLogin(Alice), NamespaceProperty = world.Tka.SessionsNamespace } }, Cancel);

        await world.LoginAsync(Alice);
        await world.ReasonAsync(Alice, ConditionReasons.NameTaken);
        Assert.Equal([$"serviceaccount {foreign.Metadata.Name}"], await world.RemainsAsync(Alice));
        await world.UntilAsync(async () => await world.CountEventsAsync("SessionRejected") == 1, "the Event");

        await world.LogoutAsync(Alice);
        await world.UntilAsync(async () => await world.GetAsync(Alice) is null, "the session is gone");
        Assert.Equal(foreign.Metadata.Uid, (await world.ServiceAccounts.GetAsync(foreign.Metadata.Name, Cancel)).Metadata.Uid);
    }

    [Fact]
    public async Task Case_19_deleted_while_the_operator_is_down_it_waits_for_the_operator()
    {
        await using var world = await SessionWorld.StartAsync();
        SessionToken token;
        await using (var first = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup()))
        {
            await world.LoginAsync(Alice);
            token = await first.TokenAsync(await world.ReadyAsync(Alice));
            await world.LoginAsync(Bob);
            await world.ReadyAsync(Bob);
        }

        Assert.Equal(DeleteOutcome.Terminating, await world.Admin.DeleteAsync(SessionNames.ForLogin(Alice), null, Cancel));
        Assert.NotNull(await world.GetAsync(Alice));

        // Bob's is torn out by force: the finalizer, too, is gone. What cannot be owned by it stays behind.
        await world.Admin.MergePatchAsync(
            SessionNames.ForLogin(Bob), new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } }, null, Cancel);
        await world.Admin.DeleteAsync(SessionNames.ForLogin(Bob), null, Cancel);
        Assert.Contains("clusterrolebinding view", await world.RemainsAsync(Bob));

        await using var restarted = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
        await world.GoneAsync(Alice);
        await world.GoneAsync(Bob);
        await world.UntilAsync(async () => await world.TryPodsAsync(token.Token) == 401, "the token is refused");
        await Invariants.HoldAsync(world);
    }

    [Fact]
    public async Task What_was_changed_by_hand_is_put_right()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup());
        await world.LoginAsync(Alice);
        var signin = await world.ReadyAsync(Alice);
        var binding = SessionNames.ForBinding(signin.Metadata.Name, "view");

        await world.ClusterRoleBindings.DeleteAsync(binding, null, Cancel);
        await world.UntilAsync(async () => (await world.RemainsAsync(Alice)).Count == 2, "the binding is back");

        await world.ClusterRoleBindings.MergePatchAsync(
            binding,
            new JsonObject { ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "User", ["name"] = "mallory", ["apiGroup"] = "rbac.authorization.k8s.io" }) },
            null,
            Cancel);
        await world.UntilAsync(
            async () => (await world.ClusterRoleBindings.TryGetAsync(binding, Cancel))?.Subjects is [{ Kind: "ServiceAccount" }], "the subject is put right");

        await world.ServiceAccounts.DeleteAsync(signin.Metadata.Name, null, Cancel);
        await world.UntilAsync(
            async () => (await world.GetAsync(Alice))!.Status!.ServiceAccount!.Uid != signin.Status!.ServiceAccount!.Uid, "a new ServiceAccount is reported");
        await Invariants.HoldAsync(world);
    }

    [Fact]
    public async Task Invariant_I8_a_restart_changes_nothing()
    {
        await using var world = await SessionWorld.StartAsync();
        await using (await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup()))
        {
            foreach (var i in Enumerable.Range(0, 10))
            {
                await world.LoginAsync($"user{i}@example.com", i % 2 == 0 ? "view" : "edit");
            }

            foreach (var i in Enumerable.Range(0, 10))
            {
                await world.ReadyAsync($"user{i}@example.com");
            }
        }

        var before = await Invariants.SnapshotAsync(world);
        await using var proxy = await FaultProxy.StartAsync(world.Cluster);
        await using var restarted = await OperatorUnderTest.StartAsync(world.Tka, world.Time, Setup() with { Proxy = proxy });
        await world.UntilAsync(() => Task.FromResult(restarted.Metric("tka_reconcile_total") >= 10), "every session was looked at");

        Assert.Equal(before, await Invariants.SnapshotAsync(world));
        Assert.DoesNotContain(proxy.Log, request => request.IsWrite && !request.IsLease);
        Assert.Equal(4, proxy.Log.Count(request => request.IsList));
    }
}

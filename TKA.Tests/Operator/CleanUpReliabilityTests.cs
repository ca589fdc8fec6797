using System.Text.Json.Nodes;
using k8s.Models;
using TKA.Contracts.Operator;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>Revoking access when some of its objects are gone already, when a request fails, and after a session was deleted while no operator ran.</summary>
public sealed class CleanUpReliabilityTests(ITestOutputHelper output) : ReliabilityCases(output)
{
    [Fact]
    public async Task Case_06_what_is_gone_already_does_not_stop_the_clean_up()
    {
        await using var world = await SessionWorld.StartAsync();
        TkaSignin signin;
        await using (await OperatorUnderTest.StartAsync(world, Setup()))
        {
            await world.LoginAsync(Alice);
            signin = await world.ReadyAsync(Alice);
            await world.LoginAsync(Bob);
            await world.ReadyAsync(Bob);
        }

        await world.ClusterRoleBindings.DeleteAsync(SessionNames.ForBinding(world.Tka.SessionsNamespace, signin.Metadata.Name, "view"), null, Cancel);
        await world.ServiceAccounts.DeleteAsync(SessionNames.ForLogin(Bob), null, Cancel);
        await world.LogoutAsync(Alice);
        await world.LogoutAsync(Bob);

        await using var restarted = await OperatorUnderTest.StartAsync(world, Setup());
        await world.GoneAsync(Alice);
        await world.GoneAsync(Bob);
        Assert.Equal(0, restarted.Metric("tka_revocation_failures_total"));
    }

    [Fact]
    public async Task Case_06_a_deletion_that_finds_nothing_is_success()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup() with { Proxy = proxy });
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
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup() with { Proxy = proxy });
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
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup() with
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
    public async Task Case_19_deleted_while_the_operator_is_down_it_waits_for_the_operator()
    {
        await using var world = await SessionWorld.StartAsync();
        SessionToken token;
        await using (var first = await OperatorUnderTest.StartAsync(world, Setup()))
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

        await using var restarted = await OperatorUnderTest.StartAsync(world, Setup());
        await world.GoneAsync(Alice);
        await world.GoneAsync(Bob);
        await world.UntilAsync(async () => await world.TryPodsAsync(token.Token) == 401, "the token is refused");
        await Invariants.HoldAsync(world);
    }

    [Fact]
    public async Task What_was_changed_by_hand_is_put_right()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());
        await world.LoginAsync(Alice);
        var signin = await world.ReadyAsync(Alice);
        var binding = SessionNames.ForBinding(world.Tka.SessionsNamespace, signin.Metadata.Name, "view");

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
    public async Task What_another_installation_in_the_cluster_made_is_left_alone()
    {
        await using var world = await SessionWorld.StartAsync();
        var own = Binding(world.Tka.SessionsNamespace);
        var foreign = Binding($"{world.Tka.SessionsNamespace}-of-another");
        foreach (var binding in (V1ClusterRoleBinding[])[foreign, own])
        {
            await world.ClusterRoleBindings.CreateAsync(binding, Cancel);
            world.Cluster.DeleteAtEnd(() => world.ClusterRoleBindings.DeleteAsync(binding.Metadata.Name, null, CancellationToken.None));
        }

        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());

        // Neither has a TkaSignin. That its own is removed shows that the operator has looked.
        await world.UntilAsync(async () => await world.ClusterRoleBindings.TryGetAsync(own.Metadata.Name, Cancel) is null, "its own orphan is removed");
        Assert.NotNull(await world.ClusterRoleBindings.TryGetAsync(foreign.Metadata.Name, Cancel));

        static V1ClusterRoleBinding Binding(string sessionNamespace) => new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = SessionNames.ForBinding(sessionNamespace, SessionNames.ForLogin(Bob), "view"),
                Labels = new Dictionary<string, string>
                {
                    [TkaLabels.ManagedBy] = TkaLabels.ManagedByValue,
                    [TkaLabels.Session] = SessionNames.ForLogin(Bob),
                    [TkaLabels.SessionUid] = "00000000-0000-0000-0000-000000000000",
                    [TkaLabels.SessionNamespace] = sessionNamespace,
                },
            },
            RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "view" },
            Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = SessionNames.ForLogin(Bob), NamespaceProperty = sessionNamespace }],
        };
    }
}

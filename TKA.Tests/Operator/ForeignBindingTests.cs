using k8s;
using k8s.Models;
using TKA.Contracts.Sessions;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>Bindings that TKA did not make and that give access all the same are reported, and never removed.</summary>
public sealed class ForeignBindingTests
{
    private const string Alice = "alice@example.com";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_binding_that_names_a_sessions_account_and_is_not_TKAs_is_reported()
    {
        await using var world = await SessionWorld.StartAsync();
        var log = new CollectingOutput();
        await using var tested = await OperatorUnderTest.StartAsync(
            world, new OperatorSetup { Output = log, Configuration = new() { ["operator:leaderElection"] = "false" } });
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);
        var name = $"left-behind-{world.Tka.SessionsNamespace}";
        await world.Cluster.Admin.CreateClusterRoleBindingAsync(
            new V1ClusterRoleBinding
            {
                Metadata = new V1ObjectMeta { Name = name },
                RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "view" },
                Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = SessionNames.ForLogin(Alice), NamespaceProperty = world.Tka.SessionsNamespace }],
            },
            cancellationToken: Cancel);
        world.Cluster.DeleteAtEnd(() => world.Cluster.Admin.DeleteClusterRoleBindingAsync(name));
        var ofGo = $"tka-user-go{Guid.NewGuid():N}";
        await world.Cluster.Admin.CreateClusterRoleBindingAsync(
            new V1ClusterRoleBinding
            {
                Metadata = new V1ObjectMeta { Name = $"{ofGo}-binding" },
                RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "cluster-admin" },
                Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = ofGo, NamespaceProperty = "tka-dev" }],
            },
            cancellationToken: Cancel);
        world.Cluster.DeleteAtEnd(() => world.Cluster.Admin.DeleteClusterRoleBindingAsync($"{ofGo}-binding"));
        Assert.Equal(0, tested.Metric("tka_foreign_bindings"));

        world.Time.Advance(TimeSpan.FromMinutes(10));

        await world.UntilAsync(() => Task.FromResult(tested.Metric("tka_foreign_bindings") == 1), "the metric");
        await world.UntilAsync(async () => await world.CountEventsAsync("ForeignBinding") == 1, "the Event");
        Assert.NotNull(await world.ClusterRoleBindings.TryGetAsync(name, Cancel));
        Assert.Equal(1, tested.Metric("tka_operator_leading"));

        // What the Go TKA left gives access as well, to an account elsewhere (case N6).
        await world.UntilAsync(() => Task.FromResult(tested.Metric("tka_go_bindings") >= 1), "the Go TKA's binding");
        Assert.Contains($"{ofGo}-binding", log.Output, StringComparison.Ordinal);
        Assert.NotNull(await world.ClusterRoleBindings.TryGetAsync($"{ofGo}-binding", Cancel));
    }
}

using k8s;
using k8s.Models;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Sessions;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>What the cluster refuses is told in the cluster's own words and heals by itself (cases S1, S6, S17, S20).</summary>
public sealed class RefusalTests(ITestOutputHelper output)
{
    private const string Alice = "alice@example.com";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S1_a_role_without_bind_is_told_from_a_denial_by_policy()
    {
        await using var world = await SessionWorld.StartAsync();
        var role = await CreateRoleAsync(world, mayBind: false);
        await using var tested = await OperatorUnderTest.StartAsync(world, Allowing(role));

        await world.LoginAsync(Alice, role);
        var refused = await world.ReasonAsync(Alice, ConditionReasons.RoleNotAllowed);

        Assert.Contains("verb bind", refused.ReadyCondition()!.Message, StringComparison.Ordinal);

        // Counted after the condition is written.
        await Eventually.TrueAsync(() => tested.Metric("tka_session_rejections_total") == 1, "the rejection is counted");
        await BindableRoles.LetBindAsync(world.Tka, role, Cancel);
        world.TickLength = TimeSpan.FromMilliseconds(500);
        await world.ReadyAsync(Alice);
        Assert.Empty(await Invariants.ViolationsAsync(world));
    }

    [Fact]
    public async Task S1_a_denial_by_policy_is_told_in_the_policys_words_and_heals_with_it()
    {
        await using var world = await SessionWorld.StartAsync();
        var role = await CreateRoleAsync(world, mayBind: true);
        await using var tested = await OperatorUnderTest.StartAsync(world, Allowing(role));
        var policy = await DenyBindingsAsync(world, role);
        await BindableRoles.UntilDeniedAsync(world.Tka, role, "not on Mondays", Cancel);
        await world.LoginAsync(Alice, role);

        var refused = await world.ReasonAsync(Alice, ConditionReasons.DeniedByPolicy);
        Assert.Contains("not on Mondays", refused.ReadyCondition()!.Message, StringComparison.Ordinal);

        await world.Cluster.Admin.AdmissionregistrationV1.DeleteValidatingAdmissionPolicyBindingAsync(policy, cancellationToken: Cancel);
        await world.Cluster.Admin.AdmissionregistrationV1.DeleteValidatingAdmissionPolicyAsync(policy, cancellationToken: Cancel);
        world.TickLength = TimeSpan.FromMilliseconds(500);
        await world.ReadyAsync(Alice);
    }

    [Fact]
    public async Task S6_a_namespace_that_vanishes_leaves_the_others_and_is_bound_when_it_appears()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output });
        var (team, other) = ($"team-{Guid.NewGuid():N}", $"other-{Guid.NewGuid():N}");
        await CreateNamespaceAsync(world, team);
        await CreateNamespaceAsync(world, other);
        await world.LoginAsync(Alice, "view", "2h", team, other);
        var ready = await world.ReadyAsync(Alice);
        var token = (await tested.TokenAsync(ready)).Token;

        await world.Cluster.Admin.CoreV1.DeleteNamespaceAsync(other, cancellationToken: Cancel);
        await world.UntilAsync(async () => Missing(await world.GetAsync(Alice)) is { } told && told.Contains(other, StringComparison.Ordinal), "the missing namespace is told");
        await world.UntilAsync(async () => (await world.Cluster.Admin.CoreV1.ListNamespaceAsync(cancellationToken: Cancel)).Items.All(ns => ns.Metadata.Name != other), "the namespace is gone");
        Assert.True((await world.GetAsync(Alice))!.IsReady());
        Assert.Equal(200, await world.TryPodsAsync(token, team));

        await CreateNamespaceAsync(world, other);
        world.TickLength = TimeSpan.FromMilliseconds(500);
        await world.UntilAsync(async () => Missing(await world.GetAsync(Alice)) is null, "all namespaces are bound");
        await world.UntilAsync(async () => await world.TryPodsAsync(token, other) == 200, "the token is good there again");
        Assert.Equal(ready.Status!.ServiceAccount!.Uid, (await world.GetAsync(Alice))!.Status!.ServiceAccount!.Uid);
        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);
    }

    [Fact]
    public async Task S17_a_refused_session_is_removed_an_hour_after_it_was_told()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world);
        await world.LoginAsync(Alice, "nobody-knows-it", "8h");
        var refused = await world.ReasonAsync(Alice, ConditionReasons.RoleNotAllowed);
        Assert.InRange(refused.ValidUntil()!.Value - world.Clock.GetUtcNow(), TimeSpan.FromMinutes(58), TimeSpan.FromHours(1));

        world.Time.Advance(TimeSpan.FromMinutes(55));
        await world.RestartAsync();
        Assert.NotNull(await world.GetAsync(Alice));
        world.Time.Advance(TimeSpan.FromMinutes(6));
        await world.GoneAsync(Alice);
    }

    [Fact]
    public async Task S20_a_role_that_vanishes_is_told_at_once_and_comes_back_with_the_same_ServiceAccount()
    {
        await using var world = await SessionWorld.StartAsync();
        var role = await CreateRoleAsync(world, mayBind: true);
        await using var tested = await OperatorUnderTest.StartAsync(world, Allowing(role));
        await world.LoginAsync(Alice, role);
        var ready = await world.ReadyAsync(Alice);

        await world.Cluster.Admin.RbacAuthorizationV1.DeleteClusterRoleAsync(role, cancellationToken: Cancel);
        await world.UntilAsync(
            async () => (await world.GetAsync(Alice))!.ReadyCondition()!.Reason == ConditionReasons.RoleNotFound, "the missing role is told", TimeSpan.FromSeconds(10));
        await world.LoginAsync("bob@example.com", role);
        await world.ReasonAsync("bob@example.com", ConditionReasons.RoleNotFound);

        await CreateRoleAsync(world, mayBind: false, role);
        var back = await world.ReadyAsync(Alice);
        await world.ReadyAsync("bob@example.com");
        Assert.Equal(ready.Status!.ServiceAccount!.Uid, back.Status!.ServiceAccount!.Uid);
        Assert.Equal(ready.Status.ValidUntil, back.Status.ValidUntil);
        Assert.Empty(await Invariants.ViolationsAsync(world));
    }

    private static string? Missing(TkaSignin? signin) => signin?.Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionReasons.NamespacesType)?.Message;

    private OperatorSetup Allowing(string role) => new() { Output = output, Configuration = new() { ["operator:allowedRoles:0"] = "view", ["operator:allowedRoles:1"] = role, ["operator:clusterWideRoles:0"] = "view", ["operator:clusterWideRoles:1"] = role } };

    private static async Task CreateNamespaceAsync(SessionWorld world, string name)
    {
        await world.Cluster.Admin.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name } }, cancellationToken: Cancel);
        world.Cluster.DeleteAtEnd(() => world.Cluster.Admin.CoreV1.DeleteNamespaceAsync(name));
    }

    private static async Task<string> CreateRoleAsync(SessionWorld world, bool mayBind, string? name = null)
    {
        var role = name ?? $"on-call-{Guid.NewGuid():N}";
        await world.Cluster.Admin.RbacAuthorizationV1.CreateClusterRoleAsync(
            new V1ClusterRole
            {
                Metadata = new V1ObjectMeta { Name = role },
                Rules = [new V1PolicyRule { ApiGroups = [""], Resources = ["nodes"], Verbs = ["get"] }],
            },
            cancellationToken: Cancel);
        world.Cluster.DeleteAtEnd(() => world.Cluster.Admin.RbacAuthorizationV1.DeleteClusterRoleAsync(role));
        if (name is null)
        {
            await BindableRoles.ListInPolicyAsync(world.Tka, [role], Cancel);
        }

        if (mayBind)
        {
            await BindableRoles.LetBindAsync(world.Tka, role, Cancel);
        }

        return role;
    }

    private static async Task<string> DenyBindingsAsync(SessionWorld world, string role)
    {
        var name = $"{role}-denied";
        world.Cluster.DeleteAtEnd(() => world.Cluster.Admin.AdmissionregistrationV1.DeleteValidatingAdmissionPolicyAsync(name));
        world.Cluster.DeleteAtEnd(() => world.Cluster.Admin.AdmissionregistrationV1.DeleteValidatingAdmissionPolicyBindingAsync(name));
        await world.Cluster.Admin.AdmissionregistrationV1.CreateValidatingAdmissionPolicyAsync(
            new V1ValidatingAdmissionPolicy
            {
                Metadata = new V1ObjectMeta { Name = name },
                Spec = new V1ValidatingAdmissionPolicySpec
                {
                    FailurePolicy = "Fail",
                    MatchConstraints = new V1MatchResources
                    {
                        ResourceRules =
                        [
                            new V1NamedRuleWithOperations
                            {
                                ApiGroups = ["rbac.authorization.k8s.io"], ApiVersions = ["v1"], Operations = ["CREATE"], Resources = ["clusterrolebindings"],
                            },
                        ],
                    },
                    Validations = [new V1Validation { Expression = $"object.roleRef.name != '{role}'", Message = "not on Mondays" }],
                },
            },
            cancellationToken: Cancel);
        await world.Cluster.Admin.AdmissionregistrationV1.CreateValidatingAdmissionPolicyBindingAsync(
            new V1ValidatingAdmissionPolicyBinding
            {
                Metadata = new V1ObjectMeta { Name = name },
                Spec = new V1ValidatingAdmissionPolicyBindingSpec { PolicyName = name, ValidationActions = ["Deny"] },
            },
            cancellationToken: Cancel);
        return name;
    }
}

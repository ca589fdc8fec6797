using k8s;
using k8s.Models;
using TKA.Kubernetes;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary>What the roles that a session can hold contain, read from the cluster: admission cannot see into a role.</summary>
public sealed class BindableRoleTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_role_that_can_be_bound_lets_a_session_outlive_itself()
    {
        await using var cluster = await TestCluster.StartAsync(Cancellation);
        await cluster.InstallTkaAsync(Cancellation);
        var bounds = RoleBounds.Of(null, null);
        foreach (var name in bounds.Allowed)
        {
            var rules = await RulesAsync(cluster, name);
            Assert.Empty(rules.SelectMany(RoleDangers.Anywhere));
            if (bounds.ClusterWide.Contains(name))
            {
                Assert.Empty(rules.SelectMany(RoleDangers.ClusterWide));
            }
        }
    }

    [Fact]
    public async Task The_roles_of_deploy_can_do_what_their_names_promise()
    {
        await using var cluster = await TestCluster.StartAsync(Cancellation);
        await cluster.InstallTkaAsync(Cancellation);
        var edit = await RulesAsync(cluster, "tka-edit");
        foreach (var (verb, group, resource) in ((string, string, string)[])
            [
                ("list", "", "pods"), ("get", "", "pods/log"), ("create", "", "pods/exec"), ("create", "", "configmaps"), ("get", "", "secrets"),
                ("patch", "apps", "deployments"), ("update", "apps", "deployments/scale"), ("delete", "batch", "jobs"), ("create", "networking.k8s.io", "ingresses"),
                ("list", "", "events"), ("list", "", "resourcequotas"), ("create", "policy", "poddisruptionbudgets"), ("update", "autoscaling", "horizontalpodautoscalers"),
                ("create", "", "pods/eviction"), ("list", "discovery.k8s.io", "endpointslices"), ("get", "apps", "deployments/status"), ("get", "batch", "jobs/status"),
                ("list", "coordination.k8s.io", "leases"),
            ])
        {
            Assert.True(edit.Any(rule => rule.Verbs.Contains(verb) && rule.ApiGroups.Contains(group) && rule.Resources.Contains(resource)), $"{verb} {group} {resource}");
        }

        var admin = await RulesAsync(cluster, "tka-admin");
        Assert.Contains(admin, rule => rule.Resources.Contains("rolebindings") && rule.Verbs.Contains("list"));
        Assert.Contains(admin, rule => rule.Resources.Contains("localsubjectaccessreviews"));
        Assert.DoesNotContain(edit, rule => rule.Resources.Contains("rolebindings"));
        Assert.Contains(admin, rule => rule.Resources.Contains("pods/exec"));
    }

    [Theory]
    [InlineData(false, "", "serviceaccounts", "impersonate")]
    [InlineData(false, "", "serviceaccounts", "impersonate:serviceaccount")]
    [InlineData(false, "", "pods", "impersonate-on:user-info:list")]
    [InlineData(false, "", "serviceaccounts/token", "create")]
    [InlineData(false, "rbac.authorization.k8s.io", "clusterroles", "bind")]
    [InlineData(false, "rbac.authorization.k8s.io", "roles", "escalate")]
    [InlineData(false, "rbac.authorization.k8s.io", "rolebindings", "patch")]
    [InlineData(false, "*", "rolebindings", "create")]
    [InlineData(false, "certificates.k8s.io", "certificatesigningrequests/approval", "update")]
    [InlineData(false, "", "pods", "*")]
    [InlineData(false, "", "*", "create")]
    [InlineData(false, "", "nodes/proxy", "get")]
    [InlineData(false, "", "namespaces", "patch")]
    [InlineData(true, "", "secrets", "list")]
    [InlineData(true, "", "pods", "create")]
    [InlineData(true, "", "pods/exec", "get")]
    [InlineData(true, "", "pods/ephemeralcontainers", "patch")]
    [InlineData(true, "apps", "deployments", "patch")]
    [InlineData(true, "batch", "cronjobs", "create")]
    public void A_dangerous_rule_is_seen(bool clusterWideOnly, string group, string resource, string verb)
    {
        var rule = new V1PolicyRule { ApiGroups = [group], Resources = [resource], Verbs = [verb] };
        Assert.Equal(!clusterWideOnly, RoleDangers.Anywhere(rule).Any());
        Assert.True(RoleDangers.Anywhere(rule).Concat(RoleDangers.ClusterWide(rule)).Any());
    }

    private static async Task<IList<V1PolicyRule>> RulesAsync(TestCluster cluster, string role)
    {
        // Aggregation is a controller's work, done a moment later.
        IList<V1PolicyRule> rules = [];
        await Eventually.TrueAsync(
            async () => (rules = (await cluster.Admin.ReadClusterRoleAsync(role, cancellationToken: Cancellation)).Rules ?? []).Count > 0, $"{role} has rules");
        return rules;
    }
}

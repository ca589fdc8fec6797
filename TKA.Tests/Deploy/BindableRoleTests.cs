using k8s;
using k8s.Models;
using TKA.Kubernetes;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary>What the roles that a session can hold contain, read from the cluster: admission cannot see into a role.</summary>
public sealed class BindableRoleTests(InstalledCluster installed) : IClassFixture<InstalledCluster>
{
    private const string NeverWritten = "writes to roles and bindings outlive the session";

    /// <summary>What Kubernetes' own edit and admin have and ours have not: verbs, group/resource, why.</summary>
    private static readonly (string Verbs, string Resources, string Why)[] LeftOut =
    [
        ("impersonate", "/serviceaccounts", "acts as somebody that admission cannot see through"),
        ("create", "/serviceaccounts/token", "outlives the session"),
        ("create delete deletecollection patch update", "rbac.authorization.k8s.io/roles", NeverWritten),
        ("create delete deletecollection patch update", "rbac.authorization.k8s.io/rolebindings", NeverWritten),
        ("*", "/pods/proxy", "port-forward does the same, and is seen as what it is"),
        ("*", "/services/proxy", "the API server would connect to any port of any Service"),
        ("delete deletecollection list patch update watch", "/pods/attach /pods/exec /pods/portforward", "no such requests exist"),
        ("*", "extensions/*", "gone since Kubernetes 1.22"),
        ("*", "/replicationcontrollers/scale /replicationcontrollers/status apps/deployments/rollback", "superseded by Deployments"),
        ("*", "/bindings /namespaces/status /persistentvolumeclaims/status networking.k8s.io/ingresses/status", "shown with the object"),
        ("*", "autoscaling/horizontalpodautoscalers/status policy/poddisruptionbudgets/status", "shown with the object"),
        ("*", "events.k8s.io/events", "the same objects as /events"),
        ("*", "resource.k8s.io/*", "devices: for the cluster's owner to add by the label"),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_role_that_can_be_bound_lets_a_session_outlive_itself()
    {
        var bounds = RoleBounds.Of(null, null);
        foreach (var name in bounds.Allowed)
        {
            var rules = await RulesAsync(name);
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
        var edit = await RulesAsync("tka-edit");
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

        var admin = await RulesAsync("tka-admin");
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

    /// <summary>None more than Kubernetes', so that a session can be given away no further; none less without a reason.</summary>
    [Theory]
    [InlineData("tka-edit", "edit")]
    [InlineData("tka-admin", "admin")]
    public async Task A_role_is_Kubernetes_own_without_what_is_left_out_on_purpose(string ours, string theirs)
    {
        var (has, all) = (RightsOf(await RulesAsync(ours)), RightsOf(await RulesAsync(theirs)));
        Assert.Empty(has.Except(all));
        Assert.DoesNotContain(all.Except(has), right => !IsLeftOut(right));
        Assert.DoesNotContain(has, IsLeftOut);

        static bool IsLeftOut((string Verb, string Resource) right) => LeftOut.Any(entry =>
            (entry.Verbs == "*" || entry.Verbs.Split(' ').Contains(right.Verb))
            && entry.Resources.Split(' ').Any(resource => resource == right.Resource || (resource[^1] == '*' && right.Resource.StartsWith(resource[..^1], StringComparison.Ordinal))));
    }

    private static HashSet<(string Verb, string Resource)> RightsOf(IEnumerable<V1PolicyRule> rules) =>
    [
        .. from rule in rules
           from verb in rule.Verbs
           from @group in rule.ApiGroups ?? []
           from resource in rule.Resources ?? []
           select (verb, $"{@group}/{resource}"),
    ];

    private async Task<IList<V1PolicyRule>> RulesAsync(string role)
    {
        // Aggregation is a controller's work, done a moment later.
        IList<V1PolicyRule> rules = [];
        await Eventually.TrueAsync(
            async () => (rules = (await installed.Cluster.Admin.ReadClusterRoleAsync(role, cancellationToken: Cancellation)).Rules ?? []).Count > 0, $"{role} has rules");
        return rules;
    }
}

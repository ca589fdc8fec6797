using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary>The rights of each ServiceAccount, asked from the cluster itself: what it must be able to do, and what it must not.</summary>
public sealed class ComponentRightsTests(InstalledCluster installed) : IClassFixture<InstalledCluster>
{
    private const string Signins = "tkasignins.tka.specht-labs.de";
    private const string ClusterRoleBindings = "clusterrolebindings.rbac.authorization.k8s.io";
    private const string RoleBindings = "rolebindings.rbac.authorization.k8s.io";
    private const string ClusterRoles = "clusterroles.rbac.authorization.k8s.io";
    private const string Leases = "leases.coordination.k8s.io";
    private const string TokenReviews = "tokenreviews.authentication.k8s.io";
    private const string SessionsNamespace = "tka-sessions";
    private const string SystemNamespace = "tka-system";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_api_may_write_signins_and_nothing_else()
    {
        foreach (var verb in (string[])["create", "get", "list", "watch", "update", "delete"])
        {
            await MayAsync("tka-api", verb, Signins, SessionsNamespace);
        }

        await MayNotAsync("tka-api", "patch", Signins, SessionsNamespace);
        await MayNotAsync("tka-api", "create", Signins, "default");
        await MayNotAsync("tka-api", "update", $"{Signins}/status", SessionsNamespace);
        foreach (var @namespace in (string[])[SessionsNamespace, SystemNamespace, "default"])
        {
            await MayNotAsync("tka-api", "create", "serviceaccounts/token", @namespace);
            await MayNotAsync("tka-api", "create", "serviceaccounts", @namespace);
            await MayNotAsync("tka-api", "get", "secrets", @namespace);
            await MayNotAsync("tka-api", "create", "pods", @namespace);
            await MayNotAsync("tka-api", "create", RoleBindings, @namespace);
            await MayNotAsync("tka-api", "impersonate", "serviceaccounts", @namespace);
        }

        await MayNotAsync("tka-api", "create", ClusterRoleBindings);
        await MayNotAsync("tka-api", "bind", ClusterRoles, name: "view");
        await MayNotAsync("tka-api", "create", TokenReviews);
    }

    [Fact]
    public async Task The_operator_may_keep_sessions()
    {
        foreach (var verb in (string[])["create", "get", "list", "watch", "delete"])
        {
            await MayAsync("tka-operator", verb, ClusterRoleBindings);
            await MayAsync("tka-operator", verb, RoleBindings, "default");
            await MayAsync("tka-operator", verb, "serviceaccounts", SessionsNamespace);
        }

        foreach (var role in (string[])["view", "tka-edit", "tka-admin"])
        {
            await MayAsync("tka-operator", "bind", ClusterRoles, name: role);
        }

        await MayAsync("tka-operator", "create", "serviceaccounts/token", SessionsNamespace);
        await MayAsync("tka-operator", "patch", $"{Signins}/status", SessionsNamespace);
        await MayAsync("tka-operator", "create", "events", SessionsNamespace);
        await MayAsync("tka-operator", "create", Leases, SystemNamespace);
        await MayAsync("tka-operator", "update", "secrets", SystemNamespace, "tka-operator-tls");
        await MayAsync("tka-operator", "update", "configmaps", SystemNamespace, "tka-operator-ca");
        await MayAsync("tka-operator", "update", "configmaps", SystemNamespace, "tka-operator-outbox");
        await MayAsync("tka-operator", "create", TokenReviews);
    }

    [Fact]
    public async Task The_operator_may_not_do_more()
    {
        foreach (var role in (string[])["edit", "admin", "cluster-admin", "system:node", "tka-operator"])
        {
            await MayNotAsync("tka-operator", "bind", ClusterRoles, name: role);
        }

        await MayNotAsync("tka-operator", "escalate", ClusterRoles, name: "view");
        await MayNotAsync("tka-operator", "update", ClusterRoleBindings);
        await MayNotAsync("tka-operator", "create", ClusterRoles);
        await MayNotAsync("tka-operator", "create", Signins, SessionsNamespace);
        foreach (var @namespace in (string[])[SystemNamespace, "default", "kube-system"])
        {
            await MayNotAsync("tka-operator", "create", "serviceaccounts/token", @namespace);
            await MayNotAsync("tka-operator", "create", "serviceaccounts", @namespace);
            await MayNotAsync("tka-operator", "create", "pods", @namespace);
        }

        foreach (var verb in (string[])["create", "list", "delete"])
        {
            await MayNotAsync("tka-operator", verb, "configmaps", SystemNamespace);
        }

        await MayNotAsync("tka-operator", "update", "configmaps", SystemNamespace, "another");
        await MayNotAsync("tka-operator", "get", "configmaps", SessionsNamespace, "tka-operator-outbox");
        await MayNotAsync("tka-operator", "list", "secrets", SystemNamespace);
        await MayNotAsync("tka-operator", "get", "secrets", SystemNamespace, "tka-tailscale");
        await MayNotAsync("tka-operator", "update", Leases, SystemNamespace, "another");
        await MayNotAsync("tka-operator", "create", "pods", SessionsNamespace);
        await MayNotAsync("tka-operator", "impersonate", "serviceaccounts", SessionsNamespace);
    }

    [Fact]
    public async Task The_auditor_exists_and_may_do_nothing_in_the_cluster()
    {
        // It throws when there is no such ServiceAccount.
        await installed.Tka.KubeconfigForAsync("tka-auditor", Cancellation);
        foreach (var verb in (string[])["get", "list", "create"])
        {
            await MayNotAsync("tka-auditor", verb, Signins, SessionsNamespace);
            await MayNotAsync("tka-auditor", verb, "serviceaccounts", SessionsNamespace);
            await MayNotAsync("tka-auditor", verb, "secrets", SystemNamespace);
            await MayNotAsync("tka-auditor", verb, "configmaps", SystemNamespace, "tka-operator-outbox");
        }

        await MayNotAsync("tka-auditor", "create", "serviceaccounts/token", SystemNamespace);
        await MayNotAsync("tka-auditor", "create", TokenReviews);
    }

    [Fact]
    public async Task Binding_cluster_admin_is_refused_in_deed()
    {
        using var client = TestCluster.Client(await installed.Tka.KubeconfigForAsync("tka-operator", Cancellation));
        var binding = new V1ClusterRoleBinding
        {
            Metadata = new V1ObjectMeta
            {
                Name = "tka-user-x-00000000-00000000",
                Labels = new Dictionary<string, string> { ["app.kubernetes.io/managed-by"] = "tka" },
            },
            RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "cluster-admin" },
            Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = "tka-user-x-00000000", NamespaceProperty = installed.Tka.SessionsNamespace }],
        };
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(
            () => client.CreateClusterRoleBindingAsync(binding, cancellationToken: Cancellation));
        Assert.Equal(HttpStatusCode.Forbidden, refusal.Response.StatusCode);
    }

    private async Task MayAsync(string account, string verb, string resource, string @namespace = "", string name = "") =>
        Assert.True(await IsAllowedAsync(account, verb, resource, @namespace, name), $"{account} may not {verb} {resource} {name} in '{@namespace}'");

    private async Task MayNotAsync(string account, string verb, string resource, string @namespace = "", string name = "") =>
        Assert.False(await IsAllowedAsync(account, verb, resource, @namespace, name), $"{account} may {verb} {resource} {name} in '{@namespace}'");

    private Task<bool> IsAllowedAsync(string account, string verb, string resource, string @namespace, string name)
    {
        // resource.group/subresource, as kubectl auth can-i takes it.
        var slash = resource.IndexOf('/', resource.IndexOf('.', StringComparison.Ordinal) + 1);
        var (type, subresource) = slash < 0 ? (resource, "") : (resource[..slash], resource[(slash + 1)..]);
        var dot = type.IndexOf('.', StringComparison.Ordinal);
        return installed.IsAllowedAsync(account, new V1ResourceAttributes
        {
            Verb = verb,
            Resource = dot < 0 ? type : type[..dot],
            Group = dot < 0 ? "" : type[(dot + 1)..],
            Subresource = subresource,
            NamespaceProperty = @namespace switch
            {
                SessionsNamespace => installed.Tka.SessionsNamespace,
                SystemNamespace => installed.Tka.SystemNamespace,
                _ => @namespace,
            },
            Name = name,
        });
    }
}

using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using TKA.Contracts.Sessions;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary>
/// What somebody who broke into the API or the operator, or who holds a session, tries in order to keep access or to get more of it.
/// Each runs as that ServiceAccount.
/// </summary>
public sealed class AttackTests : IAsyncLifetime
{
    private const string Person = "tka-user-x-00000000";
    private const string Rbac = "rbac.authorization.k8s.io";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TestCluster _cluster = null!;
    private InstalledTka _tka = null!;
    private k8s.Kubernetes _operator = null!;
    private string _team = "";

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(Cancellation);
        _tka = await _cluster.InstallTkaAsync(Cancellation);
        _operator = TestCluster.Client(await _tka.KubeconfigForAsync("tka-operator", Cancellation));
        _team = await _cluster.CreateNamespaceAsync("team", Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _operator.Dispose();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task The_api_cannot_start_a_session_longer_than_a_day()
    {
        using var api = TestCluster.Client(await _tka.KubeconfigForAsync("tka-api", Cancellation));
        var signins = new SigninClient(api, _tka.SessionsNamespace);
        await RefusedAsync("24h at most", () => signins.CreateAsync(Signin("168h"), Cancellation));
        await RefusedAsync("24h at most", () => signins.CreateAsync(Signin("24h0m1s"), Cancellation));
        var day = await signins.CreateAsync(Signin("24h"), Cancellation);
        day["spec"]!["validity_period"] = "25h";
        await RefusedAsync("24h at most", () => signins.ReplaceAsync(Person, day, Cancellation));
    }

    [Fact]
    public async Task A_session_that_is_longer_since_an_earlier_version_can_still_be_ended()
    {
        var signins = new SigninClient(_cluster.Admin, _tka.SessionsNamespace);
        const string Policy = "tka-signins";
        var binding = await _cluster.Admin.ReadValidatingAdmissionPolicyBindingAsync(_tka.ClusterName(Policy), cancellationToken: Cancellation);
        await _cluster.Admin.DeleteValidatingAdmissionPolicyBindingAsync(binding.Metadata.Name, cancellationToken: Cancellation);
        await Eventually.TrueAsync(() => AcceptedAsync(() => signins.CreateAsync(Signin("168h"), Cancellation)), "the policy is out of force");
        binding.Metadata.ResourceVersion = null;
        await _cluster.Admin.CreateValidatingAdmissionPolicyBindingAsync(binding, cancellationToken: Cancellation);

        await new SigninClient(_operator, _tka.SessionsNamespace).PatchAsync(Person, """{"metadata":{"finalizers":null}}""", Cancellation);
    }

    [Fact]
    public async Task The_operator_binds_no_role_off_its_list()
    {
        // RBAC lets the operator bind the first two, because it holds their rules.
        foreach (var role in (string[])[_tka.ClusterName("tka-operator"), "system:discovery", "edit", "admin", "cluster-admin"])
        {
            var because = role is "edit" or "admin" or "cluster-admin" ? null : "only the ClusterRoles on its list";
            await RefusedAsync(because, () => BindAsync(_operator, role, null));
            await RefusedAsync(because, () => BindAsync(_operator, role, _team));
        }
    }

    [Fact]
    public async Task The_operator_binds_cluster_wide_only_what_reads_no_Secret_and_starts_no_Pod()
    {
        foreach (var role in (string[])["tka-edit", "tka-admin"])
        {
            await RefusedAsync("only in namespaces", () => BindAsync(_operator, role, null));
            await BindAsync(_operator, role, _team);
        }

        await BindAsync(_operator, "view", null);
    }

    [Fact]
    public async Task The_operator_binds_nothing_in_a_protected_namespace()
    {
        if (_cluster.IsEmbedded)
        {
            await _cluster.Admin.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = "dapr-system" } }, cancellationToken: Cancellation);
            await RefusedAsync("protected namespace", () => BindAsync(_operator, "view", "dapr-system"));
        }

        foreach (var @namespace in (string[])["kube-system", "kube-public", "kube-node-lease", _tka.SystemNamespace, _tka.SessionsNamespace])
        {
            await RefusedAsync("protected namespace", () => BindAsync(_operator, "view", @namespace));
        }

        await BindAsync(_operator, "view", _team);
        await _cluster.Admin.PatchNamespaceAsync(
            new V1Patch("""{"metadata":{"labels":{"tka.specht-labs.de/protected":"true"}}}""", V1Patch.PatchType.MergePatch), _team, cancellationToken: Cancellation);
        await RefusedAsync("protected namespace", () => BindAsync(_operator, "tka-edit", _team));

        // What it bound before the label came it may still take away.
        await _operator.DeleteNamespacedRoleBindingAsync(BindingName("view"), _team, cancellationToken: Cancellation);
    }

    [Fact]
    public async Task A_session_with_the_widest_shipped_role_stays_in_its_namespace_and_its_time()
    {
        using var session = await SessionAsync("tka-admin");
        await session.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "mine" } }, _team, cancellationToken: Cancellation);
        await RefusedAsync(null, () => session.ListSecretForAllNamespacesAsync(cancellationToken: Cancellation));
        await RefusedAsync(null, () => session.ListNamespacedSecretAsync("kube-system", cancellationToken: Cancellation));
        await RefusedAsync(null, () => session.CreateNamespacedPodAsync(Pod(), "kube-system", cancellationToken: Cancellation));
        await RefusedAsync(null, () => TokenAsync(session));
        await RefusedAsync(null, () => BindAsync(session, "view", _team));
        await RefusedAsync(null, () => BindAsync(session, "view", "kube-system"));
        await RefusedAsync(null, () => BindAsync(session, "cluster-admin", null));
        await RefusedAsync("token Secret", () => session.CreateNamespacedSecretAsync(TokenSecret(), _team, cancellationToken: Cancellation));
        foreach (var victim in (string[])[$"system:serviceaccount:{_tka.SystemNamespace}:tka-operator", $"system:serviceaccount:{_team}:default"])
        {
            using var disguised = await SessionClientAsync();
            disguised.HttpClient.DefaultRequestHeaders.Add("Impersonate-User", victim);
            await RefusedAsync("impersonate", () => disguised.ListNamespacedPodAsync(_team, cancellationToken: Cancellation));
        }
    }

    [Fact]
    public async Task A_session_with_a_role_of_the_cluster_owners_leaves_no_access_behind()
    {
        using var session = await SessionAsync("view");
        await BindAsync(_cluster.Admin, "admin", _team);
        await RefusedAsync("own namespace", () => BindAsync(session, "view", _team));
        await RefusedAsync("own namespace", () => BindAsync(session, "view", _team, new Rbacv1Subject { ApiGroup = Rbac, Kind = "User", Name = "mallory" }));
        await RefusedAsync("own namespace", () => BindAsync(session, "view", _team, new Rbacv1Subject { ApiGroup = Rbac, Kind = "Group", Name = "system:authenticated" }));
        var own = new Rbacv1Subject { Kind = "ServiceAccount", Name = "default", NamespaceProperty = _team };
        var binding = await session.CreateNamespacedRoleBindingAsync(RoleBinding("own", "view", own), _team, cancellationToken: Cancellation);
        binding.Subjects.Add(Subject());
        await RefusedAsync("own namespace", () => session.ReplaceNamespacedRoleBindingAsync(binding, "own", _team, cancellationToken: Cancellation));
        await RefusedAsync("token Secret", () => session.CreateNamespacedSecretAsync(TokenSecret(), _team, cancellationToken: Cancellation));
        await RefusedAsync("may not issue", () => TokenAsync(session));
        await session.DeleteNamespacedRoleBindingAsync("own", _team, cancellationToken: Cancellation);
    }

    [Fact]
    public async Task A_session_changes_no_ClusterRoleBinding_whatever_its_role()
    {
        using var session = await SessionAsync("view");
        await BindAsync(_cluster.Admin, "cluster-admin", null);
        await RefusedAsync("may not change a ClusterRoleBinding", () => BindAsync(session, "cluster-admin", null, name: "left-behind"));
        await RefusedAsync("may not change a ClusterRoleBinding", () => session.DeleteClusterRoleBindingAsync(BindingName("cluster-admin"), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task After_the_last_session_a_persons_ServiceAccount_holds_no_more_than_before_the_first()
    {
        await CreateAccountAsync();
        var before = await RightsAsync();
        using (var session = await SessionAsync("tka-admin"))
        {
            foreach (var @namespace in (string[])[_team, "default", "kube-system", _tka.SystemNamespace, _tka.SessionsNamespace])
            {
                await RefusedAsync(null, () => BindAsync(session, "tka-admin", @namespace, name: "left-behind"));
            }

            await RefusedAsync(null, () => BindAsync(session, "view", null, name: "left-behind"));
        }

        await _operator.DeleteNamespacedRoleBindingAsync(BindingName("tka-admin"), _team, cancellationToken: Cancellation);
        await _operator.CoreV1.DeleteNamespacedServiceAccountAsync(Person, _tka.SessionsNamespace, cancellationToken: Cancellation);

        // The next login's account has the same name, so whatever names it would be in force again.
        await CreateAccountAsync();
        await Eventually.TrueAsync(async () => await RightsAsync() == before, "no right is left");
    }

    private async Task CreateAccountAsync()
    {
        if ((await _cluster.Admin.ListNamespacedServiceAccountAsync(_tka.SessionsNamespace, cancellationToken: Cancellation)).Items.All(account => account.Metadata.Name != Person))
        {
            await _cluster.Admin.CreateNamespacedServiceAccountAsync(
                new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = Person } }, _tka.SessionsNamespace, cancellationToken: Cancellation);
        }
    }

    /// <summary>A session as the operator would make it, in the team's namespace.</summary>
    private async Task<k8s.Kubernetes> SessionAsync(string role)
    {
        await CreateAccountAsync();
        await BindAsync(_operator, role, _team);
        return await SessionClientAsync();
    }

    private async Task<k8s.Kubernetes> SessionClientAsync() => TestCluster.Client(await _cluster.KubeconfigForAsync(_tka.SessionsNamespace, Person, Cancellation));

    private async Task<string> RightsAsync()
    {
        using var client = await SessionClientAsync();
        List<string> rights = [];
        foreach (var @namespace in (string[])[_team, "default", "kube-system", _tka.SystemNamespace, _tka.SessionsNamespace])
        {
            var review = await client.CreateSelfSubjectRulesReviewAsync(
                new V1SelfSubjectRulesReview { Spec = new V1SelfSubjectRulesReviewSpec { NamespaceProperty = @namespace } }, cancellationToken: Cancellation);
            rights.AddRange(review.Status.ResourceRules.Select(rule => $"{@namespace}: {string.Join(',', rule.Verbs)} {string.Join(',', rule.Resources)}"));
        }

        return string.Join('\n', rights.Order(StringComparer.Ordinal));
    }

    private Task<Authenticationv1TokenRequest> TokenAsync(k8s.Kubernetes client) => client.CoreV1.CreateNamespacedServiceAccountTokenAsync(
        new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = [] } }, "default", _team, cancellationToken: Cancellation);

    private async Task BindAsync(k8s.Kubernetes client, string role, string? @namespace, Rbacv1Subject? subject = null, string? name = null)
    {
        name ??= BindingName(role);
        if (@namespace is not null)
        {
            await client.CreateNamespacedRoleBindingAsync(RoleBinding(name, role, subject ?? Subject()), @namespace, cancellationToken: Cancellation);
            return;
        }

        var binding = RoleBinding(name, role, subject ?? Subject());
        await client.CreateClusterRoleBindingAsync(
            new V1ClusterRoleBinding { Metadata = binding.Metadata, RoleRef = binding.RoleRef, Subjects = binding.Subjects }, cancellationToken: Cancellation);
        _cluster.DeleteAtEnd(() => _cluster.Admin.DeleteClusterRoleBindingAsync(name));
    }

    private string BindingName(string role) => $"{Person}{_tka.Suffix}-{role.Replace(':', '-')}";

    private Rbacv1Subject Subject() => new() { Kind = "ServiceAccount", Name = Person, NamespaceProperty = _tka.SessionsNamespace };

    private static V1RoleBinding RoleBinding(string name, string role, Rbacv1Subject subject) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { [TkaLabels.ManagedBy] = TkaLabels.ManagedByValue } },
        RoleRef = new V1RoleRef { ApiGroup = Rbac, Kind = "ClusterRole", Name = role },
        Subjects = [subject],
    };

    private static V1Secret TokenSecret() => new()
    {
        Metadata = new V1ObjectMeta { Name = "left-behind", Annotations = new Dictionary<string, string> { ["kubernetes.io/service-account.name"] = "default" } },
        Type = "kubernetes.io/service-account-token",
    };

    private static V1Pod Pod() => new()
    {
        Metadata = new V1ObjectMeta { Name = "left-behind" },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "example.com/i" }] },
    };

    private static JsonObject Signin(string period) => new()
    {
        ["apiVersion"] = TkaSigninResource.ApiVersion,
        ["kind"] = TkaSigninResource.Kind,
        ["metadata"] = new JsonObject { ["name"] = Person, ["finalizers"] = new JsonArray(TkaSigninResource.Finalizer) },
        ["spec"] = new JsonObject { ["username"] = "x@example.com", ["role"] = "view", ["validity_period"] = period },
    };

    private static async Task<bool> AcceptedAsync(Func<Task> request)
    {
        try
        {
            await request();
            return true;
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.Forbidden)
        {
            return false;
        }
    }

    private static async Task RefusedAsync(string? because, Func<Task> request)
    {
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(request);
        Assert.Equal(HttpStatusCode.Forbidden, refusal.Response.StatusCode);
        if (because is not null)
        {
            Assert.Contains(because, refusal.Response.Content, StringComparison.Ordinal);
        }
    }
}

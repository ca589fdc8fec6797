using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using TKA.Contracts.Sessions;
using TKA.Operator.Options;
using TKA.Operator.Sessions.Leaving;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary>What the admission policies of deploy/ refuse although RBAC would allow it, and what they let through.</summary>
public sealed class AdmissionPolicyTests : IAsyncLifetime
{
    private const string Name = "tka-user-x-00000000";
    private const string BindingName = Name + "-00000000";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TestCluster _cluster = null!;
    private InstalledTka _tka = null!;
    private k8s.Kubernetes _api = null!;
    private k8s.Kubernetes _operator = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(Cancellation);
        _tka = await _cluster.InstallTkaAsync(Cancellation);
        _api = TestCluster.Client(await _tka.KubeconfigForAsync("tka-api", Cancellation));
        _operator = TestCluster.Client(await _tka.KubeconfigForAsync("tka-operator", Cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        _operator.Dispose();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Only_the_api_creates_a_signin()
    {
        await RefusedAsync("only TKA's API may create", () => Signins(_cluster.Admin).CreateAsync(Signin(), Cancellation));
        await Signins(_api).CreateAsync(Signin(), Cancellation);
        await Signins(_operator).PatchAsync(Name, """{"metadata":{"finalizers":null}}""", Cancellation);
    }

    [Fact]
    public async Task Nobody_else_changes_what_a_signin_asks_for_or_when_it_began()
    {
        await Signins(_api).CreateAsync(Signin(), Cancellation);
        const string Elevate = """{"spec":{"role":"admin"}}""";
        var prolong = $$"""{"metadata":{"annotations":{"{{TkaAnnotations.LastAttemptedSignIn}}":"2099-01-01T00:00:00Z"} } }""";
        foreach (var client in (k8s.Kubernetes[])[_cluster.Admin, _operator])
        {
            await RefusedAsync("may change the spec", () => Signins(client).PatchAsync(Name, Elevate, Cancellation));
            await RefusedAsync("when a person signed in", () => Signins(client).PatchAsync(Name, prolong, Cancellation));
        }

        // What the operator does need: to take its finalizer off.
        await Signins(_operator).PatchAsync(Name, """{"metadata":{"finalizers":null}}""", Cancellation);
    }

    [Fact]
    public async Task The_api_cannot_skip_the_clean_up()
    {
        var created = await Signins(_api).CreateAsync(Signin(), Cancellation);
        created["metadata"]!["finalizers"] = new JsonArray();
        await RefusedAsync("may not remove the finalizer", () => Signins(_api).ReplaceAsync(Name, created, Cancellation));
        await Signins(_operator).PatchAsync(Name, """{"metadata":{"finalizers":null}}""", Cancellation);
    }

    [Fact]
    public async Task The_operator_binds_one_labelled_account_of_the_sessions_namespace()
    {
        await _operator.CreateClusterRoleBindingAsync(Binding(), cancellationToken: Cancellation);
        await RefusedAsync("labelled", () => Create(binding => binding.Metadata.Labels = null));
        await RefusedAsync("exactly one subject", () => Create(binding => binding.Subjects[0].NamespaceProperty = "kube-system"));
        await RefusedAsync("exactly one subject", () => Create(binding => binding.Subjects.Add(binding.Subjects[0])));
        foreach (var (kind, name) in ((string, string)[])[("User", "mallory"), ("Group", "system:authenticated")])
        {
            await RefusedAsync("exactly one subject", () => Create(binding => binding.Subjects =
            [
                new Rbacv1Subject { Kind = kind, Name = name, ApiGroup = "rbac.authorization.k8s.io" },
            ]));
        }

        await _operator.DeleteClusterRoleBindingAsync(BindingName, cancellationToken: Cancellation);

        Task Create(Action<V1ClusterRoleBinding> change)
        {
            var binding = Binding();
            binding.Metadata.Name = $"{Name}-11111111";
            change(binding);
            return _operator.CreateClusterRoleBindingAsync(binding, cancellationToken: Cancellation);
        }
    }

    [Fact]
    public async Task The_operator_deletes_only_bindings_that_are_its_own()
    {
        var name = $"someone-elses-{Guid.NewGuid():N}";
        var foreign = new V1ClusterRoleBinding
        {
            Metadata = new V1ObjectMeta { Name = name },
            RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "view" },
        };
        await _cluster.Admin.CreateClusterRoleBindingAsync(foreign, cancellationToken: Cancellation);
        _cluster.DeleteAtEnd(() => _cluster.Admin.DeleteClusterRoleBindingAsync(name));
        await RefusedAsync("may delete only", () => _operator.DeleteClusterRoleBindingAsync(name, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task A_session_changes_nothing_in_TKAs_own_namespaces()
    {
        await _cluster.Admin.CreateNamespacedServiceAccountAsync(
            new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = Name } }, _tka.SessionsNamespace, cancellationToken: Cancellation);

        // Wider than the operator would bind: a cluster owner's own doing.
        var binding = Binding();
        binding.RoleRef.Name = "edit";
        await _cluster.Admin.CreateClusterRoleBindingAsync(binding, cancellationToken: Cancellation);
        _cluster.DeleteAtEnd(() => _cluster.Admin.DeleteClusterRoleBindingAsync(BindingName));
        using var session = TestCluster.Client(await _cluster.KubeconfigForAsync(_tka.SessionsNamespace, Name, Cancellation));

        var elsewhere = await _cluster.CreateNamespaceAsync("team", Cancellation);
        await Create(elsewhere);
        await RefusedAsync("may not change anything", () => Create(_tka.SystemNamespace));
        await RefusedAsync("may not change anything", () => Create(_tka.SessionsNamespace));
        await RefusedAsync(null, () => session.CoreV1.CreateNamespacedServiceAccountTokenAsync(
            new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = [] } },
            "tka-operator",
            _tka.SystemNamespace,
            cancellationToken: Cancellation));

        Task Create(string @namespace) => session.CreateNamespacedConfigMapAsync(
            new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "mine" } }, @namespace, cancellationToken: Cancellation);
    }

    /// <summary>Nothing bounds what an admission policy contains, and nothing could refuse its change.</summary>
    [Fact]
    public async Task The_operator_gets_no_token_for_policies_once_it_has_created_its_own()
    {
        var options = new OperatorOptions { Namespace = _tka.SessionsNamespace, SystemNamespace = _tka.SystemNamespace };
        await _cluster.Admin.CreateValidatingAdmissionPolicyAsync(LeavingPolicy.Policy(_tka.LeavingNames(), options, null), cancellationToken: Cancellation);
        _cluster.DeleteAtEnd(() => _cluster.Admin.DeleteValidatingAdmissionPolicyAsync(_tka.LeavingNames().Policy));
        await GuardTokenAsync();
        await _cluster.Admin.CreateValidatingAdmissionPolicyBindingAsync(LeavingPolicy.Binding(_tka.LeavingNames(), options, null), cancellationToken: Cancellation);
        _cluster.DeleteAtEnd(() => _cluster.Admin.DeleteValidatingAdmissionPolicyBindingAsync(_tka.LeavingNames().Policy));

        // A real API server knows the new parameter after a moment.
        await Eventually.TrueAsync(
            async () => (await Record.ExceptionAsync(GuardTokenAsync) as HttpOperationException)?.Response.Content.Contains("only while there is no policy tka-leaving", StringComparison.Ordinal) == true,
            "the token is refused");

        Task GuardTokenAsync() => _operator.CoreV1.CreateNamespacedServiceAccountTokenAsync(
            new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = [] } }, "tka-guard", _tka.SystemNamespace, cancellationToken: Cancellation);
    }

    private SigninClient Signins(k8s.Kubernetes client) => new(client, _tka.SessionsNamespace);

    private static JsonObject Signin() => new()
    {
        ["apiVersion"] = TkaSigninResource.ApiVersion,
        ["kind"] = TkaSigninResource.Kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = Name,
            ["finalizers"] = new JsonArray(TkaSigninResource.Finalizer),
            ["annotations"] = new JsonObject { [TkaAnnotations.LastAttemptedSignIn] = "2026-11-24T08:00:00Z" },
        },
        ["spec"] = new JsonObject { ["username"] = "x@example.com", ["role"] = "view", ["validity_period"] = "8h0m0s" },
    };

    private V1ClusterRoleBinding Binding() => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = BindingName,
            Labels = new Dictionary<string, string> { [TkaLabels.ManagedBy] = TkaLabels.ManagedByValue },
        },
        RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "view" },
        Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = Name, NamespaceProperty = _tka.SessionsNamespace }],
    };

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

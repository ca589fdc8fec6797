using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using TKA.Contracts.Sessions;

namespace TKA.Tests.Infrastructure;

/// <summary>
/// What a real cluster needs beyond applying manifests: its authorizer and its admission read rights and policies from caches, so
/// for a second or two after <c>kubectl apply</c> the old ones still count.
/// </summary>
internal static class RealClusterInstallation
{

    /// <summary>Waits until the rights and all three admission policies are seen to work, by requests that change nothing.</summary>
    public static async Task InEffectAsync(InstalledTka tka, CancellationToken cancellationToken)
    {
        using var api = Acting(tka, $"system:serviceaccount:{tka.SystemNamespace}:tka-api");
        using var @operator = Acting(tka, $"system:serviceaccount:{tka.SystemNamespace}:tka-operator");
        using var nobody = Acting(tka, "somebody-else", "system:masters");
        using var session = Acting(tka, $"system:serviceaccount:{tka.SessionsNamespace}:probe");
        await Eventually.TrueAsync(async () => await AnswerAsync(() => CreateSigninAsync(api, tka, cancellationToken)) is null, "TKA's API may create a TkaSignin");
        await Eventually.TrueAsync(
            async () => await AnswerAsync(() => CreateBindingAsync(@operator, tka, true, cancellationToken)) is null, "TKA's operator may bind view");
        await Eventually.TrueAsync(() => PolicyRefusesAsync(() => CreateSigninAsync(nobody, tka, cancellationToken)), "the policy for signins works");
        await Eventually.TrueAsync(() => PolicyRefusesAsync(() => CreateBindingAsync(@operator, tka, false, cancellationToken)), "the policy for bindings works");

        // RBAC has the first word, so the probe needs a right for the policy to take away.
        var right = await tka.Cluster.Admin.CreateNamespacedRoleBindingAsync(ProbeRight(tka), tka.SystemNamespace, cancellationToken: cancellationToken);
        await Eventually.TrueAsync(
            () => PolicyRefusesAsync(() => session.CoreV1.CreateNamespacedConfigMapAsync(
                new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "probe" } }, tka.SystemNamespace, dryRun: "All", cancellationToken: cancellationToken)),
            "the policy for sessions works");
        await tka.Cluster.Admin.DeleteNamespacedRoleBindingAsync(right.Metadata.Name, tka.SystemNamespace, cancellationToken: cancellationToken);
    }

    /// <summary>Lets go of what a stopped operator left: finalizers, which would keep the namespace for ever, and bindings outside it.</summary>
    public static async Task ReleaseSessionsAsync(InstalledTka tka)
    {
        var client = tka.Cluster.Admin;

        // It would keep the rights of the operator, which runs no more.
        await IgnoreAsync(() => client.DeleteValidatingAdmissionPolicyBindingAsync(tka.ClusterName("tka-leaving")));
        var signins = await client.CustomObjects.ListNamespacedCustomObjectAsync<V1PartialList>(
            TkaSigninResource.Group, TkaSigninResource.Version, tka.SessionsNamespace, TkaSigninResource.Plural);
        foreach (var signin in signins.Items.Where(item => item.Metadata.Finalizers is { Count: > 0 }))
        {
            await IgnoreAsync(() => client.CustomObjects.PatchNamespacedCustomObjectAsync<object>(
                new V1Patch("""{"metadata":{"finalizers":null}}""", V1Patch.PatchType.MergePatch),
                TkaSigninResource.Group,
                TkaSigninResource.Version,
                tka.SessionsNamespace,
                TkaSigninResource.Plural,
                signin.Metadata.Name));
        }

        var selector = $"{TkaLabels.ManagedBy}={TkaLabels.ManagedByValue}";
        foreach (var binding in (await client.ListClusterRoleBindingAsync(labelSelector: selector)).Items.Where(binding => Names(binding.Subjects, tka)))
        {
            await IgnoreAsync(() => client.DeleteClusterRoleBindingAsync(binding.Metadata.Name));
        }

        foreach (var binding in (await client.ListRoleBindingForAllNamespacesAsync(labelSelector: selector)).Items.Where(binding => Names(binding.Subjects, tka)))
        {
            await IgnoreAsync(() => client.DeleteNamespacedRoleBindingAsync(binding.Metadata.Name, binding.Metadata.NamespaceProperty));
        }
    }

    private static bool Names(IList<Rbacv1Subject>? subjects, InstalledTka tka) =>
        subjects is { Count: > 0 } && subjects.All(subject => subject.NamespaceProperty == tka.SessionsNamespace);

    private static k8s.Kubernetes Acting(InstalledTka tka, string user, string? group = null)
    {
        var client = TestCluster.Client(tka.Cluster.AdminKubeconfigPath);
        client.HttpClient.DefaultRequestHeaders.Add("Impersonate-User", user);
        if (group is not null)
        {
            client.HttpClient.DefaultRequestHeaders.Add("Impersonate-Group", group);
        }

        return client;
    }

    private static Task<object> CreateSigninAsync(k8s.Kubernetes client, InstalledTka tka, CancellationToken cancellationToken) =>
        client.CustomObjects.CreateNamespacedCustomObjectAsync<object>(
            new Dictionary<string, object>
            {
                ["apiVersion"] = TkaSigninResource.ApiVersion,
                ["kind"] = TkaSigninResource.Kind,
                ["metadata"] = new Dictionary<string, object> { ["name"] = "tka-user-probe-00000000" },
                ["spec"] = new Dictionary<string, object> { ["username"] = "probe@example.com", ["role"] = "view", ["validity_period"] = "10m" },
            },
            TkaSigninResource.Group,
            TkaSigninResource.Version,
            tka.SessionsNamespace,
            TkaSigninResource.Plural,
            dryRun: "All",
            cancellationToken: cancellationToken);

    private static Task<V1ClusterRoleBinding> CreateBindingAsync(k8s.Kubernetes client, InstalledTka tka, bool labelled, CancellationToken cancellationToken) =>
        client.CreateClusterRoleBindingAsync(
            new V1ClusterRoleBinding
            {
                Metadata = new V1ObjectMeta
                {
                    Name = $"probe-{tka.SessionsNamespace}",
                    Labels = labelled ? new Dictionary<string, string> { [TkaLabels.ManagedBy] = TkaLabels.ManagedByValue } : null,
                },
                RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "view" },
                Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = "probe", NamespaceProperty = tka.SessionsNamespace }],
            },
            dryRun: "All",
            cancellationToken: cancellationToken);

    private static V1RoleBinding ProbeRight(InstalledTka tka) => new()
    {
        Metadata = new V1ObjectMeta { Name = "probe" },
        RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "tka-edit" },
        Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = "probe", NamespaceProperty = tka.SessionsNamespace }],
    };

    private static async Task<bool> PolicyRefusesAsync(Func<Task> request)
    {
        try
        {
            await request();
            return false;
        }
        catch (HttpOperationException exception)
        {
            return exception.Response.StatusCode == HttpStatusCode.Forbidden && exception.Response.Content.Contains("ValidatingAdmissionPolicy", StringComparison.Ordinal);
        }
    }

    private static async Task<HttpStatusCode?> AnswerAsync(Func<Task> request)
    {
        try
        {
            await request();
            return null;
        }
        catch (HttpOperationException exception)
        {
            return exception.Response.StatusCode;
        }
    }

    private static async Task IgnoreAsync(Func<Task> request) => await AnswerAsync(request);

    private sealed record V1PartialList
    {
        public IList<V1PartialItem> Items { get; init; } = [];
    }

    private sealed record V1PartialItem
    {
        public V1ObjectMeta Metadata { get; init; } = new();
    }
}

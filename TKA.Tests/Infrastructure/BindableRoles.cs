using k8s;
using k8s.Models;
using TKA.Contracts.Sessions;

namespace TKA.Tests.Infrastructure;

/// <summary>Lets the operator of an installation bind more roles than <c>deploy/</c> lists. Its own setting <c>operator:allowedRoles</c> is apart.</summary>
internal static class BindableRoles
{
    /// <summary>Adds roles to those that the admission policy of <c>deploy/</c> lets the operator bind, cluster-wide too.</summary>
    public static async Task ListInPolicyAsync(InstalledTka tka, IEnumerable<string> roles, CancellationToken cancellationToken)
    {
        var listed = string.Concat(roles.Select(role => $"'{role}', "));
        var admission = tka.Cluster.Admin.AdmissionregistrationV1;
        foreach (var policy in (await admission.ListValidatingAdmissionPolicyAsync(cancellationToken: cancellationToken)).Items)
        {
            if (policy.Spec.MatchConditions?.Any(condition => condition.Expression.Contains($":{tka.SystemNamespace}:tka-operator'", StringComparison.Ordinal)) == true)
            {
                foreach (var validation in policy.Spec.Validations)
                {
                    validation.Expression = validation.Expression.Replace("object.roleRef.name in ['view'", $"object.roleRef.name in [{listed}'view'", StringComparison.Ordinal);
                }

                await admission.ReplaceValidatingAdmissionPolicyAsync(policy, policy.Metadata.Name, cancellationToken: cancellationToken);
            }
        }
    }

    /// <summary>Gives the operator the verb bind on one more role.</summary>
    public static async Task LetBindAsync(InstalledTka tka, string role, CancellationToken cancellationToken)
    {
        var rbac = tka.Cluster.Admin.RbacAuthorizationV1;
        tka.Cluster.DeleteAtEnd(() => rbac.DeleteClusterRoleAsync($"{role}-bind"));
        tka.Cluster.DeleteAtEnd(() => rbac.DeleteClusterRoleBindingAsync($"{role}-bind"));
        await rbac.CreateClusterRoleAsync(
            new V1ClusterRole
            {
                Metadata = new V1ObjectMeta { Name = $"{role}-bind" },
                Rules = [new V1PolicyRule { ApiGroups = ["rbac.authorization.k8s.io"], Resources = ["clusterroles"], ResourceNames = [role], Verbs = ["bind"] }],
            },
            cancellationToken: cancellationToken);
        await rbac.CreateClusterRoleBindingAsync(
            new V1ClusterRoleBinding
            {
                Metadata = new V1ObjectMeta { Name = $"{role}-bind" },
                RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = $"{role}-bind" },
                Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = "tka-operator", NamespaceProperty = tka.SystemNamespace }],
            },
            cancellationToken: cancellationToken);
    }

    /// <summary>Waits until admission denies the operator a binding to the role with these words; a changed policy counts after a moment.</summary>
    public static async Task UntilDeniedAsync(InstalledTka tka, string role, string words, CancellationToken cancellationToken)
    {
        using var client = TestCluster.Client(await tka.KubeconfigForAsync("tka-operator", cancellationToken));
        var answer = "";
        await Eventually.TrueAsync(
            async () => (answer = await DryRunAsync(client, tka, role, cancellationToken)).Contains(words, StringComparison.Ordinal),
            $"admission denies {role}: {words}",
            seen: () => answer);
    }

    private static async Task<string> DryRunAsync(k8s.Kubernetes operatorClient, InstalledTka tka, string role, CancellationToken cancellationToken)
    {
        var binding = new V1ClusterRoleBinding
        {
            Metadata = new V1ObjectMeta { Name = $"{role}-tried", Labels = new Dictionary<string, string> { [TkaLabels.ManagedBy] = TkaLabels.ManagedByValue } },
            RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = role },
            Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = "tried", NamespaceProperty = tka.SessionsNamespace }],
        };
        try
        {
            await operatorClient.RbacAuthorizationV1.CreateClusterRoleBindingAsync(binding, dryRun: "All", cancellationToken: cancellationToken);
            return "";
        }
        catch (k8s.Autorest.HttpOperationException exception)
        {
            return exception.Response.Content;
        }
    }
}

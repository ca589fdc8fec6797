using k8s;
using k8s.Models;

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
}

using System.Collections.Concurrent;
using TKA.DevEnvironment.Cluster.Authentication;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>
/// Roles and bindings in the form that answers requests, kept by the changes of the store: a write to one binding costs that
/// binding, however many there are, and holds for the next request.
/// </summary>
internal sealed class RbacPolicy
{
    public const string Group = "rbac.authorization.k8s.io";

    private readonly ConcurrentDictionary<(string Namespace, string Name), IReadOnlyList<PolicyRule>> _roles = new();
    private readonly ConcurrentDictionary<string, GrantIndex> _roleBindings = new(StringComparer.Ordinal);
    private readonly GrantIndex _clusterRoleBindings = new();

    /// <summary>Takes note of a write to the store; called for one at a time.</summary>
    public void Observe(GroupResource resource, ObjectEvent change)
    {
        if (resource.Group != Group)
        {
            return;
        }

        var (before, after) = (change.Previous?.Read(), change.Type == ChangeType.Deleted ? null : change.Current.Read());
        switch (resource.Resource)
        {
            case "roles" or "clusterroles":
                // A cluster-scoped role has no namespace, so Roles and ClusterRoles never have the same key.
                if (after is { } role)
                {
                    _roles[Key(role)] = PolicyRule.ReadRules(role);
                }
                else if (before is { } gone)
                {
                    _roles.TryRemove(Key(gone), out _);
                }

                break;
            case "clusterrolebindings":
                _clusterRoleBindings.Replace(before, after);
                break;
            case "rolebindings":
                _roleBindings.GetOrAdd((after ?? before)!.Namespace(), _ => new GrantIndex()).Replace(before, after);
                break;
        }
    }

    /// <summary>Grants that apply in a namespace, or cluster-wide ones only when it is empty.</summary>
    public IEnumerable<RoleGrant> GrantsFor(UserInfo user, string @namespace)
    {
        var clusterWide = _clusterRoleBindings.For(user);
        return @namespace.Length > 0 && _roleBindings.TryGetValue(@namespace, out var local) ? clusterWide.Concat(local.For(user)) : clusterWide;
    }

    /// <summary>Rules of a role, or null when it does not exist.</summary>
    public IReadOnlyList<PolicyRule>? Rules(string roleKind, string roleName, string @namespace) =>
        _roles.GetValueOrDefault((roleKind == "ClusterRole" ? "" : @namespace, roleName));

    private static (string Namespace, string Name) Key(JsonObject role) => (role.Namespace(), role.Name());
}

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

    /// <summary>Takes note of a change; called for one change at a time.</summary>
    /// <param name="resource">What changed.</param>
    /// <param name="before">The object before, null when it is new.</param>
    /// <param name="after">The object now, null when it is gone.</param>
    public void Observe(GroupResource resource, Func<JsonObject?> before, Func<JsonObject?> after)
    {
        if (resource.Group != Group)
        {
            return;
        }

        switch (resource.Resource)
        {
            case "roles" or "clusterroles":
                // A cluster-scoped role has no namespace, so Roles and ClusterRoles never have the same key.
                if (after() is { } role)
                {
                    _roles[Key(role)] = PolicyRule.ReadRules(role);
                }
                else if (before() is { } gone)
                {
                    _roles.TryRemove(Key(gone), out _);
                }

                break;
            case "clusterrolebindings":
                _clusterRoleBindings.Replace(before(), after());
                break;
            case "rolebindings":
                var (old, current) = (before(), after());
                _roleBindings.GetOrAdd((current ?? old)!.Namespace(), _ => new GrantIndex()).Replace(old, current);
                break;
        }
    }

    /// <summary>Takes note of a write to the store.</summary>
    public void Observe(GroupResource resource, ObjectEvent change) => Observe(
        resource,
        () => change.Previous?.Read(),
        () => change.Type == ChangeType.Deleted ? null : change.Current.Read());

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

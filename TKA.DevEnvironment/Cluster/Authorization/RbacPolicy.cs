using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Admission;
using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>A role given to a subject by a binding.</summary>
/// <param name="RoleKind"><c>Role</c> or <c>ClusterRole</c>.</param>
/// <param name="RoleName">Role in the binding's namespace, or ClusterRole.</param>
/// <param name="Namespace">Namespace of the RoleBinding; empty for a ClusterRoleBinding.</param>
/// <param name="Reason">How RBAC words that this grant allowed a request.</param>
internal sealed record RoleGrant(string RoleKind, string RoleName, string Namespace, string Reason);

/// <summary>Grants of one scope by user and by group name.</summary>
internal sealed class GrantIndex
{
    private readonly Dictionary<string, List<RoleGrant>> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<RoleGrant>> _groups = new(StringComparer.Ordinal);

    /// <summary>Adds every subject of a binding.</summary>
    public void Add(JsonObject binding)
    {
        var @namespace = binding.Namespace();
        var (roleKind, roleName) = (binding.Text("roleRef", "kind"), binding.Text("roleRef", "name"));
        var bindingText = @namespace.Length > 0 ? $"RoleBinding {GoText.Quote($"{binding.Name()}/{@namespace}")}" : $"ClusterRoleBinding {GoText.Quote(binding.Name())}";
        foreach (var subject in binding.Objects("subjects"))
        {
            var (kind, name) = (subject.Text("kind"), subject.Text("name"));
            var described = name;
            var index = _users;
            switch (kind)
            {
                case "ServiceAccount":
                    var home = subject.Text("namespace") is { Length: > 0 } given ? given : @namespace;
                    described = $"{name}/{home}";
                    name = $"{WellKnownUsers.ServiceAccountPrefix}{home}:{name}";
                    break;
                case "Group":
                    index = _groups;
                    break;
            }

            if (!index.TryGetValue(name, out var grants)) index[name] = grants = [];
            grants.Add(new(roleKind, roleName, @namespace, $"RBAC: allowed by {bindingText} of {roleKind} {GoText.Quote(roleName)} to {kind} {GoText.Quote(described)}"));
        }
    }

    /// <summary>All grants of a user, by name and by group.</summary>
    public IEnumerable<RoleGrant> For(UserInfo user)
    {
        if (_users.TryGetValue(user.Username, out var own))
        {
            foreach (var grant in own) yield return grant;
        }

        foreach (var group in user.Groups)
        {
            if (!_groups.TryGetValue(group, out var shared)) continue;
            foreach (var grant in shared) yield return grant;
        }
    }
}

/// <summary>Roles and bindings in the form that answers requests; each kind is compiled again only after it changed.</summary>
internal sealed class RbacPolicy
{
    public const string Group = "rbac.authorization.k8s.io";

    private static readonly GrantIndex None = new();

    private readonly Compiled<Dictionary<(string Namespace, string Name), IReadOnlyList<PolicyRule>>> _roles;
    private readonly Compiled<Dictionary<string, IReadOnlyList<PolicyRule>>> _clusterRoles;
    private readonly Compiled<Dictionary<string, GrantIndex>> _roleBindings;
    private readonly Compiled<GrantIndex> _clusterRoleBindings;

    public RbacPolicy(IObjectReader objects)
    {
        _roles = new(objects, "roles", roles => roles.ToDictionary(role => (role.Namespace(), role.Name()), PolicyRule.ReadRules));
        _clusterRoles = new(objects, "clusterroles", roles => roles.ToDictionary(role => role.Name(), PolicyRule.ReadRules, StringComparer.Ordinal));
        _clusterRoleBindings = new(objects, "clusterrolebindings", bindings =>
        {
            var index = new GrantIndex();
            foreach (var binding in bindings) index.Add(binding);
            return index;
        });
        _roleBindings = new(objects, "rolebindings", bindings =>
        {
            var indexes = new Dictionary<string, GrantIndex>(StringComparer.Ordinal);
            foreach (var binding in bindings)
            {
                if (!indexes.TryGetValue(binding.Namespace(), out var index)) indexes[binding.Namespace()] = index = new();
                index.Add(binding);
            }

            return indexes;
        });
    }

    /// <summary>Grants that apply in a namespace, or cluster-wide ones only when it is empty.</summary>
    public IEnumerable<RoleGrant> GrantsFor(UserInfo user, string @namespace)
    {
        var clusterWide = _clusterRoleBindings.Current.For(user);
        return @namespace.Length == 0 ? clusterWide : clusterWide.Concat(_roleBindings.Current.GetValueOrDefault(@namespace, None).For(user));
    }

    /// <summary>Rules of a role, or null when it does not exist.</summary>
    public IReadOnlyList<PolicyRule>? Rules(string roleKind, string roleName, string @namespace) =>
        roleKind == "ClusterRole"
            ? _clusterRoles.Current.GetValueOrDefault(roleName)
            : _roles.Current.GetValueOrDefault((@namespace, roleName));

    private sealed class Compiled<T>(IObjectReader objects, string resource, Func<IReadOnlyList<JsonObject>, T> compile)
        where T : class
    {
        private readonly Lock _gate = new();
        private volatile Tuple<long, T>? _compiled;

        public T Current
        {
            get
            {
                if (_compiled is { } fresh && fresh.Item1 == objects.LastChange(Group, resource)) return fresh.Item2;
                lock (_gate)
                {
                    // Read before the list: a change in between only costs another compilation.
                    var change = objects.LastChange(Group, resource);
                    if (_compiled is not { } known || known.Item1 != change)
                        _compiled = known = Tuple.Create(change, compile(objects.List(Group, resource)));
                    return known.Item2;
                }
            }
        }
    }
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using TKA.DevEnvironment.Cluster.Admission;
using TKA.DevEnvironment.Cluster.Authentication;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>A role given to a subject by a binding.</summary>
/// <param name="Binding">Name of the binding.</param>
/// <param name="RoleKind"><c>Role</c> or <c>ClusterRole</c>.</param>
/// <param name="RoleName">Role in the binding's namespace, or ClusterRole.</param>
/// <param name="Namespace">Namespace of the RoleBinding; empty for a ClusterRoleBinding.</param>
/// <param name="Reason">How RBAC words that this grant allowed a request.</param>
internal sealed record RoleGrant(string Binding, string RoleKind, string RoleName, string Namespace, string Reason);

/// <summary>
/// Grants of one scope by user and by group name. One writer at a time; readers never wait and see each subject's grants
/// before or after a change.
/// </summary>
internal sealed class GrantIndex
{
    private readonly ConcurrentDictionary<Subject, ImmutableArray<RoleGrant>> _grants = new();

    /// <summary>Replaces the grants of one binding; null for a binding that is not there before, respectively after.</summary>
    public void Replace(JsonObject? before, JsonObject? after)
    {
        var (old, current) = (Read(before), Read(after));
        foreach (var (subject, grant) in current.Except(old))
        {
            _grants[subject] = _grants.GetValueOrDefault(subject, []).Add(grant);
        }

        foreach (var (subject, grant) in old.Except(current))
        {
            var left = _grants.GetValueOrDefault(subject, []).Remove(grant);
            if (left.IsEmpty)
            {
                _grants.TryRemove(subject, out _);
            }
            else
            {
                _grants[subject] = left;
            }
        }
    }

    /// <summary>All grants of a user, by name and by group.</summary>
    public IEnumerable<RoleGrant> For(UserInfo user)
    {
        foreach (var grant in _grants.GetValueOrDefault(new(user.Username, IsGroup: false), []))
        {
            yield return grant;
        }

        foreach (var group in user.Groups)
        {
            foreach (var grant in _grants.GetValueOrDefault(new(group, IsGroup: true), []))
            {
                yield return grant;
            }
        }
    }

    private static HashSet<(Subject, RoleGrant)> Read(JsonObject? binding)
    {
        if (binding is null)
        {
            return [];
        }

        var (@namespace, name) = (binding.Namespace(), binding.Name());
        var (roleKind, roleName) = (binding.Text("roleRef", "kind"), binding.Text("roleRef", "name"));
        var bindingText = @namespace.Length > 0 ? $"RoleBinding {GoText.Quote($"{name}/{@namespace}")}" : $"ClusterRoleBinding {GoText.Quote(name)}";
        var grants = new HashSet<(Subject, RoleGrant)>();
        foreach (var subject in binding.Objects("subjects"))
        {
            var (kind, described) = (subject.Text("kind"), subject.Text("name"));
            var key = new Subject(described, kind == "Group");
            if (kind == "ServiceAccount")
            {
                var home = subject.Text("namespace") is { Length: > 0 } given ? given : @namespace;
                key = key with { Name = $"{WellKnownUsers.ServiceAccountPrefix}{home}:{described}" };
                described = $"{described}/{home}";
            }

            var reason = $"RBAC: allowed by {bindingText} of {roleKind} {GoText.Quote(roleName)} to {kind} {GoText.Quote(described)}";
            grants.Add((key, new RoleGrant(name, roleKind, roleName, @namespace, reason)));
        }

        return grants;
    }

    private readonly record struct Subject(string Name, bool IsGroup);
}

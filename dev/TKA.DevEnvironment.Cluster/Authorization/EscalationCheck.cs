using TKA.DevEnvironment.Cluster.Admission;
using TKA.DevEnvironment.Cluster.Authentication;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>
/// Privilege escalation prevention: a user cannot write a role with, or bind a role of, permissions that the user does not hold,
/// unless they hold the verb <c>escalate</c>, respectively <c>bind</c>, on it
/// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping).
/// </summary>
internal sealed class EscalationCheck(RbacAuthorizer authorizer, RbacPolicy policy)
{
    private static readonly PolicyRule[] Everything =
    [
        new(["*"], ["*"], ["*"], [], []),
        new(["*"], [], [], [], ["*"]),
    ];

    /// <summary>Checks a Role or ClusterRole about to be written.</summary>
    /// <exception cref="StatusException">403.</exception>
    public void RequireRole(UserInfo user, string resource, string @namespace, string name, IReadOnlyList<PolicyRule> rules)
    {
        if (RbacAuthorizer.IsPrivileged(user) || Holds(user, "escalate", resource, @namespace, name))
        {
            return;
        }

        RequireRules(user, resource, @namespace, name, rules);
    }

    /// <summary>Checks a ClusterRole with an aggregation rule, which may come to hold anything.</summary>
    /// <exception cref="StatusException">403.</exception>
    public void RequireAggregation(UserInfo user, string name)
    {
        if (RbacAuthorizer.IsPrivileged(user) || Holds(user, "escalate", "clusterroles", "", name))
        {
            return;
        }

        var (held, _) = authorizer.RulesFor(user, "");
        if (Missing(Everything, held).Count > 0)
        {
            throw Statuses.Forbidden(new GroupResource(RbacPolicy.Group, "clusterroles"), name, "must have cluster-admin privileges to use the aggregationRule");
        }
    }

    /// <summary>Checks a binding about to be written.</summary>
    /// <exception cref="StatusException">403, or 404 when the role does not exist and the user may not bind it unseen.</exception>
    public void RequireBinding(UserInfo user, string resource, string @namespace, string name, string roleKind, string roleName)
    {
        var roleResource = roleKind == "ClusterRole" ? "clusterroles" : "roles";
        if (RbacAuthorizer.IsPrivileged(user) || Holds(user, "bind", roleResource, @namespace, roleName))
        {
            return;
        }

        var rules = policy.Rules(roleKind, roleName, @namespace)
            ?? throw Statuses.NotFound(new GroupResource(RbacPolicy.Group, roleResource[..^1]), roleName);
        RequireRules(user, resource, @namespace, name, rules);
    }

    private bool Holds(UserInfo user, string verb, string resource, string @namespace, string name) =>
        authorizer.Authorize(user, new RequestInfo
        {
            IsResourceRequest = true,
            Verb = verb,
            ApiGroup = RbacPolicy.Group,
            ApiVersion = "v1",
            Resource = resource,
            Namespace = @namespace,
            Name = name,
        }).Allowed;

    private void RequireRules(UserInfo user, string resource, string @namespace, string name, IReadOnlyList<PolicyRule> rules)
    {
        var (held, unresolved) = authorizer.RulesFor(user, @namespace);
        var missing = Missing(rules, held);
        if (missing.Count == 0)
        {
            return;
        }

        var explanation = $"user {GoText.Quote(user.Username)} (groups={GoText.List(user.Groups)}) is attempting to grant RBAC permissions not currently held:\n{string.Join('\n', missing)}";
        if (unresolved.Count > 0)
        {
            explanation += $"; resolution errors: {RbacAuthorizer.Join(unresolved)}";
        }

        throw Statuses.Forbidden(new GroupResource(RbacPolicy.Group, resource), name, explanation);
    }

    /// <summary>What of the wanted rules is not held, verbs on the same thing put together, in display form.</summary>
    private static IReadOnlyList<string> Missing(IReadOnlyList<PolicyRule> wanted, IReadOnlyList<PolicyRule> held) =>
    [
        .. wanted.SelectMany(rule => rule.Split())
            .Where(part => !held.Any(rule => rule.Covers(part)))
            .GroupBy(part => (part with { Verbs = [] }).ToCompactString(), StringComparer.Ordinal)
            .Select(parts => (parts.First() with { Verbs = [.. parts.SelectMany(part => part.Verbs).Distinct(StringComparer.Ordinal)] }).ToCompactString())
            .Order(StringComparer.Ordinal),
    ];
}

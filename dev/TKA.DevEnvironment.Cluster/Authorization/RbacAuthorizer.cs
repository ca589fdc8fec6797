using TKA.DevEnvironment.Cluster.Admission;
using TKA.DevEnvironment.Cluster.Authentication;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>Role-based access control (https://kubernetes.io/docs/reference/access-authn-authz/rbac/).</summary>
internal sealed class RbacAuthorizer(RbacPolicy policy)
{
    /// <summary>Decides one request, from memory. What no rule allows is denied.</summary>
    public AuthorizationDecision Authorize(UserInfo user, RequestInfo request)
    {
        // The privileged group keeps its rights even when the bindings are broken, as in a real server.
        if (IsPrivileged(user))
        {
            return new(true, "");
        }

        List<string>? missing = null;
        foreach (var grant in policy.GrantsFor(user, request.IsResourceRequest ? request.Namespace : ""))
        {
            if (policy.Rules(grant.RoleKind, grant.RoleName, grant.Namespace) is not { } rules)
            {
                (missing ??= []).Add(NotFound(grant));
                continue;
            }

            foreach (var rule in rules)
            {
                if (rule.Allows(request))
                {
                    return new(true, grant.Reason);
                }
            }
        }

        return new(false, missing is null ? "" : $"RBAC: {Join(missing)}");
    }

    /// <summary>Every rule that applies to a user in a namespace, and which bound roles do not exist.</summary>
    public (IReadOnlyList<PolicyRule> Rules, IReadOnlyList<string> Missing) RulesFor(UserInfo user, string @namespace)
    {
        var rules = new List<PolicyRule>();
        var missing = new List<string>();
        foreach (var grant in policy.GrantsFor(user, @namespace))
        {
            if (policy.Rules(grant.RoleKind, grant.RoleName, grant.Namespace) is { } found)
            {
                rules.AddRange(found);
            }
            else
            {
                missing.Add(NotFound(grant));
            }
        }

        return (rules, missing);
    }

    /// <summary>Whether the user is exempt from RBAC.</summary>
    public static bool IsPrivileged(UserInfo user) => user.Groups.Contains(WellKnownUsers.MastersGroup);

    /// <summary>One error as it is, several as a list.</summary>
    public static string Join(IReadOnlyList<string> errors)
    {
        string[] distinct = [.. errors.Distinct(StringComparer.Ordinal)];
        return distinct.Length == 1 ? distinct[0] : $"[{string.Join(", ", distinct)}]";
    }

    private static string NotFound(RoleGrant grant) =>
        $"{(grant.RoleKind == "ClusterRole" ? "clusterrole" : "role")}.{RbacPolicy.Group} {GoText.Quote(grant.RoleName)} not found";
}

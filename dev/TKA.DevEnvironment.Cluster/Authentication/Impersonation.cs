using TKA.DevEnvironment.Cluster.Authorization;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>
/// Decides whether a user may act as another one. Since 1.36 there are narrower rights beside the verb <c>impersonate</c>: one to be another user
/// (<c>impersonate:user-info</c>, <c>:serviceaccount</c>, <c>:arbitrary-node</c>) and one to do the thing at hand as somebody else
/// (<c>impersonate-on:user-info:list</c>); both are needed (https://kep.k8s.io/5284). The mode for the node that a ServiceAccount's
/// Pod runs on is left out, because no Pod runs here.
/// </summary>
internal sealed class Impersonation(RbacAuthorizer authorizer)
{
    private const string NodePrefix = "system:node:";
    private const string NodesGroup = "system:nodes";
    private const string AuthenticationGroup = "authentication.k8s.io";

    /// <summary>Whom the sender acts as from now on.</summary>
    /// <exception cref="StatusException">403: no way of impersonating allows it; the narrowest says why.</exception>
    public UserInfo Become(UserInfo sender, UserInfo wanted, RequestInfo request)
    {
        if (Mode(wanted) is not { } mode)
        {
            return Legacy(sender, wanted);
        }

        try
        {
            Require(sender, request with { Verb = $"impersonate-on:{mode}:{request.Verb}" });
            return As(sender, wanted, $"impersonate:{mode}");
        }
        catch (StatusException exception)
        {
            try
            {
                return Legacy(sender, wanted);
            }
            catch (StatusException)
            {
                throw exception;
            }
        }
    }

    private UserInfo Legacy(UserInfo sender, UserInfo wanted) => As(sender, wanted, "impersonate");

    /// <summary>The narrow way that fits; null for a node or ServiceAccount with more than a name, which has none.</summary>
    private static string? Mode(UserInfo wanted)
    {
        var isNode = IsNode(wanted.Username);
        var isServiceAccount = WellKnownUsers.TryParseServiceAccount(wanted.Username, out _, out _);
        if (!isNode && !isServiceAccount)
        {
            return "user-info";
        }

        var onlyName = wanted.Uid.Length == 0 && wanted.Groups.Count == 0 && wanted.Extra.Count == 0;
        return !onlyName ? null : isNode ? "arbitrary-node" : "serviceaccount";
    }

    private UserInfo As(UserInfo sender, UserInfo wanted, string verb)
    {
        var narrow = verb != "impersonate";
        var group = narrow ? AuthenticationGroup : "";
        var groups = wanted.Groups;
        if (WellKnownUsers.TryParseServiceAccount(wanted.Username, out var @namespace, out var account))
        {
            Require(sender, Attributes(verb, group, "serviceaccounts", account) with { Namespace = @namespace });
            if (groups.Count == 0)
            {
                groups = [.. WellKnownUsers.ServiceAccountGroups(@namespace).SkipLast(1)];
            }
        }
        else if (narrow && IsNode(wanted.Username))
        {
            Require(sender, Attributes(verb, group, "nodes", wanted.Username[NodePrefix.Length..]));
            groups = [NodesGroup];
        }
        else
        {
            Require(sender, Attributes(verb, group, "users", wanted.Username));
        }

        if (wanted.Uid.Length > 0)
        {
            Require(sender, Attributes(verb, AuthenticationGroup, "uids", wanted.Uid));
        }

        foreach (var name in wanted.Groups)
        {
            var attributes = Attributes(verb, group, "groups", name);
            if (narrow && name is "" or WellKnownUsers.MastersGroup)
            {
                throw Statuses.Forbidden(sender, attributes, $"impersonating the {(name.Length == 0 ? "empty string" : name)} group is not allowed");
            }

            Require(sender, attributes);
        }

        foreach (var (key, values) in wanted.Extra)
        {
            foreach (var value in values)
            {
                Require(sender, Attributes(verb, AuthenticationGroup, "userextras", value) with { Subresource = key });
            }
        }

        return wanted with { Groups = WithImpliedGroup(wanted.Username, groups) };
    }

    private static IReadOnlyList<string> WithImpliedGroup(string username, IReadOnlyList<string> groups)
    {
        if (groups.Contains(WellKnownUsers.AuthenticatedGroup) || groups.Contains(WellKnownUsers.UnauthenticatedGroup))
        {
            return groups;
        }

        return [.. groups, username == WellKnownUsers.Anonymous ? WellKnownUsers.UnauthenticatedGroup : WellKnownUsers.AuthenticatedGroup];
    }

    private static bool IsNode(string username) =>
        username.StartsWith(NodePrefix, StringComparison.Ordinal) && NameRules.Subdomain(username[NodePrefix.Length..]) is null;

    private static RequestInfo Attributes(string verb, string group, string resource, string name) => new()
    {
        IsResourceRequest = true,
        Verb = verb,
        Path = "",
        ApiGroup = group,
        ApiVersion = "v1",
        Resource = resource,
        Name = name,
    };

    private void Require(UserInfo sender, RequestInfo attributes)
    {
        var decision = authorizer.Authorize(sender, attributes);
        if (!decision.Allowed)
        {
            throw Statuses.Forbidden(sender, attributes, decision.Reason);
        }
    }
}

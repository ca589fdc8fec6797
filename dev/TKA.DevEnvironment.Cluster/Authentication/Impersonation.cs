using TKA.DevEnvironment.Cluster.Authorization;

namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>
/// User impersonation (<c>kubectl --as</c>), which is not served. Its headers are refused and never ignored: to act with the sender's
/// own rights instead would be a wrong success.
/// </summary>
internal static class Impersonation
{
    private const string UserHeader = "Impersonate-User";

    /// <summary>Refuses a request that asks to act as another user.</summary>
    /// <exception cref="StatusException">400 without a user name; 403 when the sender may not act as that user; 501 when it may.</exception>
    public static void Refuse(IHeaderDictionary headers, UserInfo sender, RbacAuthorizer authorizer)
    {
        if (!headers.Any(header => header.Key.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase)))
        {
            return;
        }

        var name = headers[UserHeader].ToString();
        if (name.Length == 0)
        {
            throw Statuses.BadRequest("requested groups, uid or extra without impersonating a user name");
        }

        var attributes = Attributes(name);
        var decision = authorizer.Authorize(sender, attributes);
        throw decision.Allowed ? Statuses.NotImplemented("impersonation") : Statuses.Forbidden(sender, attributes, decision.Reason);
    }

    private static RequestInfo Attributes(string name)
    {
        var account = name.StartsWith(WellKnownUsers.ServiceAccountPrefix, StringComparison.Ordinal) ? name[WellKnownUsers.ServiceAccountPrefix.Length..].Split(':') : [];
        var user = new RequestInfo { IsResourceRequest = true, Verb = "impersonate", ApiVersion = "v1", Resource = "users", Name = name };
        return account is [var @namespace, var accountName] ? user with { Resource = "serviceaccounts", Namespace = @namespace, Name = accountName } : user;
    }
}

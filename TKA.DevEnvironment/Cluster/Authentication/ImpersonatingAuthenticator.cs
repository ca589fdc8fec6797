using TKA.DevEnvironment.Cluster.Authorization;
using TKA.DevEnvironment.Cluster.Http;

namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>
/// User impersonation (<c>kubectl --as</c>): the sender is authenticated, must hold <c>impersonate</c> on everything it asks to
/// be, and then acts as that user alone. The headers are never ignored: acting as oneself instead would be a wrong success.
/// </summary>
internal sealed class ImpersonatingAuthenticator(IAuthenticator inner, IAuthorizer authorizer) : IAuthenticator
{
    private const string UserHeader = "Impersonate-User";
    private const string GroupHeader = "Impersonate-Group";
    private const string UidHeader = "Impersonate-Uid";
    private const string ExtraHeaderPrefix = "Impersonate-Extra-";
    private const string AuthenticationGroup = "authentication.k8s.io";

    /// <inheritdoc/>
    public async ValueTask<UserInfo?> AuthenticateAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var sender = await inner.AuthenticateAsync(context, cancellationToken);
        var headers = context.Request.Headers;
        return sender is null || !headers.Any(header => header.Key.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase))
            ? sender
            : Impersonate(sender, context.Request.Path, headers);
    }

    private UserInfo Impersonate(UserInfo sender, string path, IHeaderDictionary headers)
    {
        var username = headers[UserHeader].ToString();
        if (username.Length == 0)
            throw new StatusException(500, "InternalError", "Internal error occurred: impersonating groups, uid or extra requires impersonating a user");

        IReadOnlyList<string> groups = [.. headers[GroupHeader].OfType<string>()];
        var uid = headers[UidHeader].ToString();
        var extra = Extra(headers);

        if (WellKnownUsers.TryParseServiceAccount(username, out var @namespace, out var account))
        {
            Require(sender, new RequestInfo { IsResourceRequest = true, Verb = "impersonate", Path = path, ApiVersion = "v1", Resource = "serviceaccounts", Namespace = @namespace, Name = account });
            if (groups.Count == 0) groups = [.. WellKnownUsers.ServiceAccountGroups(@namespace).SkipLast(1)];
        }
        else
        {
            Require(sender, Attributes(path, "", "users", "", username));
        }

        foreach (var group in headers[GroupHeader].OfType<string>()) Require(sender, Attributes(path, "", "groups", "", group));
        if (uid.Length > 0) Require(sender, Attributes(path, AuthenticationGroup, "uids", "", uid));
        foreach (var (key, values) in extra)
        {
            foreach (var value in values) Require(sender, Attributes(path, AuthenticationGroup, "userextras", key, value));
        }

        return new UserInfo(username, uid, WithImpliedGroup(username, groups), extra);
    }

    private static IReadOnlyList<string> WithImpliedGroup(string username, IReadOnlyList<string> groups)
    {
        if (groups.Contains(WellKnownUsers.AuthenticatedGroup) || groups.Contains(WellKnownUsers.UnauthenticatedGroup)) return groups;
        return [.. groups, username == WellKnownUsers.Anonymous ? WellKnownUsers.UnauthenticatedGroup : WellKnownUsers.AuthenticatedGroup];
    }

    private static Dictionary<string, IReadOnlyList<string>> Extra(IHeaderDictionary headers)
    {
        var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var header in headers)
        {
            if (!header.Key.StartsWith(ExtraHeaderPrefix, StringComparison.OrdinalIgnoreCase)) continue;
            // Header names have no case; Kubernetes lower-cases the key and percent-decodes it.
            var key = Uri.UnescapeDataString(header.Key[ExtraHeaderPrefix.Length..].ToLowerInvariant());
            extra[key] = [.. header.Value.OfType<string>()];
        }

        return extra;
    }

    private static RequestInfo Attributes(string path, string group, string resource, string subresource, string name) => new()
    {
        IsResourceRequest = true,
        Verb = "impersonate",
        Path = path,
        ApiGroup = group,
        ApiVersion = "v1",
        Resource = resource,
        Subresource = subresource,
        Name = name,
    };

    private void Require(UserInfo sender, RequestInfo attributes)
    {
        var decision = authorizer.Authorize(sender, attributes);
        if (!decision.Allowed) throw Statuses.Forbidden(sender, attributes, decision.Reason);
    }
}

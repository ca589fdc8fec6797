using TKA.DevEnvironment.Cluster.Http;

namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>
/// User impersonation (<c>kubectl --as</c>): the sender is authenticated, must have the right to be whom it asks to be, and then acts
/// as that user alone. The headers are never ignored: acting as oneself instead would be a wrong success.
/// </summary>
internal sealed class ImpersonatingAuthenticator(BearerTokenAuthenticator inner, Impersonation impersonation)
{
    private const string UserHeader = "Impersonate-User";
    private const string GroupHeader = "Impersonate-Group";
    private const string UidHeader = "Impersonate-Uid";
    private const string ExtraHeaderPrefix = "Impersonate-Extra-";

    /// <summary>The user; <c>system:anonymous</c> without a credential; <see langword="null"/> when the credential is not valid.</summary>
    public UserInfo? Authenticate(HttpContext context)
    {
        var sender = inner.Authenticate(context);
        var headers = context.Request.Headers;
        return sender is null || !headers.Any(header => header.Key.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase))
            ? sender
            : impersonation.Become(sender, Wanted(headers), RequestInfoParser.Parse(context.Request));
    }

    private static UserInfo Wanted(IHeaderDictionary headers)
    {
        var username = headers[UserHeader].ToString();
        return username.Length > 0
            ? new UserInfo(username, headers[UidHeader].ToString(), [.. headers[GroupHeader].OfType<string>()], Extra(headers))
            : throw Statuses.BadRequest("requested groups, uid or extra without impersonating a user name");
    }

    private static Dictionary<string, IReadOnlyList<string>> Extra(IHeaderDictionary headers)
    {
        var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var header in headers)
        {
            if (!header.Key.StartsWith(ExtraHeaderPrefix, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }
            // Header names have no case; Kubernetes lower-cases the key and percent-decodes it.
            var key = Uri.UnescapeDataString(header.Key[ExtraHeaderPrefix.Length..].ToLowerInvariant());
            extra[key] = [.. header.Value.OfType<string>()];
        }

        return extra;
    }
}

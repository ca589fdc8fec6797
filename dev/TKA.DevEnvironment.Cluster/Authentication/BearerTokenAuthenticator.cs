using System.Security.Cryptography;
using System.Text;

namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>
/// Finds the user of a bearer token: the administrator's static token, or a ServiceAccount token. A request without a bearer
/// token is anonymous, as is one with another <c>Authorization</c> scheme, which Kubernetes does not look at.
/// </summary>
internal sealed class BearerTokenAuthenticator(ServiceAccountTokens tokens, string adminToken)
{
    private readonly byte[] _adminToken = SHA256.HashData(Encoding.UTF8.GetBytes(adminToken));

    /// <summary>The user; <see langword="null"/> when a credential was sent that is not valid.</summary>
    public UserInfo? Authenticate(HttpContext context)
    {
        var token = BearerToken(context.Request.Headers.Authorization.ToString());
        return token.Length == 0 ? WellKnownUsers.AnonymousUser : Check(token, ServiceAccountTokens.ServerAudiences).User;
    }

    /// <summary>Checks a token for the given audiences; TokenReview and requests ask the same question.</summary>
    public TokenCheck Check(string token, IReadOnlyList<string> audiences)
    {
        // Hashes are compared, so that neither content nor length of the secret shows in the time taken.
        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), _adminToken))
        {
            return tokens.Check(token, audiences);
        }

        string[] shared = [.. ServiceAccountTokens.ServerAudiences.Intersect(audiences, StringComparer.Ordinal)];
        return shared.Length > 0 ? new(WellKnownUsers.Admin, shared, "") : new(null, [], "invalid bearer token");
    }

    private static string BearerToken(string header)
    {
        var text = header.AsSpan().Trim();
        var space = text.IndexOf(' ');
        if (space < 0 || !text[..space].Equals("bearer", StringComparison.OrdinalIgnoreCase))
        {
            return "";
        }

        text = text[(space + 1)..];
        space = text.IndexOf(' ');
        return (space < 0 ? text : text[..space]).ToString();
    }
}

using System.Globalization;
using System.Text.Json;

namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>
/// Claims of a bound ServiceAccount token as Kubernetes writes them
/// (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens).
/// </summary>
internal sealed record ServiceAccountClaims(
    string Issuer,
    IReadOnlyList<string> Audiences,
    DateTimeOffset IssuedAt,
    DateTimeOffset NotBefore,
    DateTimeOffset Expires,
    string TokenId,
    string Namespace,
    string Name,
    string Uid)
{
    private const string PrivateClaim = "kubernetes.io";

    /// <summary><c>system:serviceaccount:ns:name</c>.</summary>
    public string Subject => $"{WellKnownUsers.ServiceAccountPrefix}{Namespace}:{Name}";

    /// <summary>The claim set to sign.</summary>
    public JsonObject ToJson()
    {
        var kubernetes = new JsonObject { ["namespace"] = Namespace };
        kubernetes["serviceaccount"] = new JsonObject { ["name"] = Name, ["uid"] = Uid };
        return new JsonObject
        {
            ["aud"] = Audiences.ToJsonArray(),
            ["exp"] = Expires.ToUnixTimeSeconds(),
            ["iat"] = IssuedAt.ToUnixTimeSeconds(),
            ["iss"] = Issuer,
            ["jti"] = TokenId,
            [PrivateClaim] = kubernetes,
            ["nbf"] = NotBefore.ToUnixTimeSeconds(),
            ["sub"] = Subject,
        };
    }

    /// <summary>Reads a verified claim set; null when it is not a bound ServiceAccount token.</summary>
    public static ServiceAccountClaims? FromJson(JsonObject claims)
    {
        var kubernetes = claims.At(PrivateClaim);
        if (Time(claims, "exp") is not { } expires || Time(claims, "nbf") is not { } notBefore || Time(claims, "iat") is not { } issuedAt)
        {
            return null;
        }

        var read = new ServiceAccountClaims(
            claims.Text("iss"),
            claims.Texts("aud"),
            issuedAt,
            notBefore,
            expires,
            claims.Text("jti"),
            kubernetes.Text("namespace"),
            kubernetes.Text("serviceaccount", "name"),
            kubernetes.Text("serviceaccount", "uid"));
        return read.Subject == claims.Text("sub") && read.Uid.Length > 0 ? read : null;
    }

    /// <summary>The user behind the token.</summary>
    public UserInfo ToUser()
    {
        var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            [WellKnownUsers.CredentialIdKey] = [string.Create(CultureInfo.InvariantCulture, $"JTI={TokenId}")],
        };
        return new UserInfo(Subject, Uid, WellKnownUsers.ServiceAccountGroups(Namespace), extra);
    }

    private static DateTimeOffset? Time(JsonObject claims, string claim) =>
        claims[claim] is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue(out long seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}

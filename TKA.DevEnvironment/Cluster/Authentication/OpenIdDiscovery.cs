using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>
/// ServiceAccount issuer discovery (OpenID Connect Discovery 1.0, the part Kubernetes serves), for parties that check tokens
/// without asking the API server. Access is RBAC's matter: ClusterRole <c>system:service-account-issuer-discovery</c>.
/// </summary>
internal static class OpenIdDiscovery
{
    public const string ConfigurationPath = "/.well-known/openid-configuration";
    public const string KeySetPath = "/openid/v1/jwks";

    /// <summary>Media type of <see cref="KeySetPath"/>.</summary>
    public const string KeySetMediaType = "application/jwk-set+json";

    /// <summary>The provider's metadata; <paramref name="server"/> is the address clients reach the API server at.</summary>
    public static JsonObject Configuration(Uri server) => new()
    {
        ["issuer"] = ServiceAccountTokens.Issuer,
        ["jwks_uri"] = new Uri(server, KeySetPath).ToString(),
        ["response_types_supported"] = new JsonArray("id_token"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"),
    };
}

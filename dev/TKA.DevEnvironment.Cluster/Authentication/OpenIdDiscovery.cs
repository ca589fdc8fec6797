using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>
/// ServiceAccount issuer discovery (OpenID Connect Discovery 1.0, the part Kubernetes serves), for parties that check tokens
/// without asking the API server. Access is RBAC's matter: ClusterRole <c>system:service-account-issuer-discovery</c>.
/// </summary>
internal static class OpenIdDiscovery
{
    public const string ConfigurationPath = "/.well-known/openid-configuration";
    public const string KeySetPath = "/openid/v1/jwks";

    private const string KeySetMediaType = "application/jwk-set+json";

    /// <summary>Serves the provider's metadata; keys are where the client reached this server.</summary>
    public static Task ConfigurationAsync(HttpContext context) => WriteAsync(context, MediaTypes.Json, new JsonObject
    {
        ["issuer"] = ServiceAccountTokens.Issuer,
        ["jwks_uri"] = $"{context.Request.Scheme}://{context.Request.Host}{KeySetPath}",
        ["response_types_supported"] = new JsonArray("id_token"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"),
    });

    /// <summary>Serves the public keys that verify tokens.</summary>
    public static Task KeySetAsync(HttpContext context, ServiceAccountTokens tokens) => WriteAsync(context, KeySetMediaType, tokens.KeySet);

    private static Task WriteAsync(HttpContext context, string mediaType, JsonObject document)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            throw Statuses.MethodNotAllowed();
        }

        if ((context.Request.Path.Value ?? "").TrimEnd('/') is not (ConfigurationPath or KeySetPath))
        {
            throw Statuses.NoSuchResource();
        }

        return ResponseWriter.WriteBytesAsync(context, 200, ObjectJson.Serialize(document), mediaType);
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Registry;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>
/// <c>POST .../serviceaccounts/{name}/token</c>: a token for a ServiceAccount, at least 10 minutes long, optionally bound to a Pod
/// or Secret so that deleting that object ends the token.
/// </summary>
internal sealed class TokenRequestHandler(ServiceAccountTokens tokens, IObjectReader objects, TimeProvider time)
    : CreateHandler("", "serviceaccounts", "TokenRequest", "token", namespaced: true)
{
    private const long DefaultSeconds = 3600;
    private const long MinimumSeconds = 600;
    private const long MaximumSeconds = 1L << 32;

    /// <summary>Fills in the lifetime.</summary>
    public static void SetDefaults(JsonObject body) => body["spec"]!["expirationSeconds"] ??= DefaultSeconds;

    /// <inheritdoc/>
    public override ValueTask<JsonObject> CreateAsync(UserInfo user, RequestInfo request, JsonObject body, CancellationToken cancellationToken)
    {
        RequireSame(body.Name(), request.Name, "metadata.name", "must match the service account name if specified", request.Name);
        RequireSame(body.Namespace(), request.Namespace, "metadata.namespace", "must match the service account namespace if specified", request.Name);
        var account = objects.Get("", "serviceaccounts", request.Namespace, request.Name)
            ?? throw new StatusException(404, "NotFound", $"serviceaccounts \"{request.Name}\" not found")
            {
                Details = ("", "serviceaccounts", request.Name, ""),
            };

        var audiences = body.Texts("spec", "audiences");
        if (audiences.Count == 0)
        {
            audiences = ServiceAccountTokens.ServerAudiences;
        }

        var bound = Bind(body.At("spec", "boundObjectRef") as JsonObject, request);
        var seconds = Seconds(body);
        var (token, expires) = tokens.Issue(account, audiences, TimeSpan.FromSeconds(seconds), bound);

        return ValueTask.FromResult(new JsonObject
        {
            ["kind"] = Kind,
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = request.Name,
                ["namespace"] = request.Namespace,
                ["creationTimestamp"] = Timestamp(time.GetUtcNow()),
            },
            ["spec"] = new JsonObject
            {
                ["audiences"] = audiences.ToJsonArray(),
                ["expirationSeconds"] = seconds,
                ["boundObjectRef"] = body.At("spec", "boundObjectRef")?.DeepClone(),
            },
            ["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = Timestamp(expires) },
        });
    }

    private BoundObject? Bind(JsonObject? reference, RequestInfo request)
    {
        if (reference is null)
        {
            return null;
        }

        var (version, kind, name, uid) = (reference.Text("apiVersion"), reference.Text("kind"), reference.Text("name"), reference.Text("uid"));
        if (version != "v1" || kind is not ("Pod" or "Secret"))
        {
            throw new StatusException(400, "BadRequest", $"cannot bind token to object of type {GroupVersionKind(version, kind)}");
        }

        var bound = new BoundObject(kind, name, uid);
        var target = objects.Get("", bound.Resource, request.Namespace, name)
            ?? throw new StatusException(404, "NotFound", $"{bound.Resource} \"{name}\" not found") { Details = ("", bound.Resource, name, "") };
        if (kind == "Pod" && target.Text("spec", "serviceAccountName") != request.Name)
        {
            throw new StatusException(400, "BadRequest", $"cannot bind token for serviceaccount \"{request.Name}\" to pod running with different serviceaccount name.");
        }

        var liveUid = target.Text("metadata", "uid");
        if (uid.Length > 0 && uid != liveUid)
        {
            throw new StatusException(
                409,
                "Conflict",
                $"Operation cannot be fulfilled on {kind} \"{name}\": the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated")
            {
                Details = ("", kind, name, ""),
            };
        }

        return bound with { Uid = liveUid };
    }

    private static long Seconds(JsonObject body)
    {
        return ((JsonObject)body["spec"]!).Integer("expirationSeconds")!.Value switch
        {
            var seconds and < MinimumSeconds => throw Invalid("", "spec.expirationSeconds", $"Invalid value: {seconds}: may not specify a duration less than 10 minutes"),
            var seconds and > MaximumSeconds => throw Invalid("", "spec.expirationSeconds", $"Invalid value: {seconds}: may not specify a duration larger than 2^32 seconds"),
            var seconds => seconds,
        };
    }

    private static void RequireSame(string given, string expected, string field, string rule, string name)
    {
        if (given.Length > 0 && given != expected)
        {
            throw Invalid(name, field, $"Invalid value: \"{given}\": {rule}");
        }
    }

    private static StatusException Invalid(string name, string field, string message) =>
        new(422, "Invalid", $"TokenRequest.authentication.k8s.io \"{name}\" is invalid: {field}: {message}", [new("FieldValueInvalid", message, field)])
        {
            Details = ("authentication.k8s.io", "TokenRequest", name, ""),
        };

    private static string GroupVersionKind(string version, string kind)
    {
        var slash = version.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? $"/{version}, Kind={kind}" : $"{version[..slash]}/{version[(slash + 1)..]}, Kind={kind}";
    }

    private static string Timestamp(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

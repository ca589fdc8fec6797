namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>
/// <c>POST .../serviceaccounts/{name}/token</c>: a token for a ServiceAccount, at least 10 minutes long. Tokens that also end
/// with a Pod or Secret are refused.
/// </summary>
internal sealed class TokenRequestHandler(ServiceAccountTokens tokens, IObjectReader objects, TimeProvider time)
    : CreateHandler("", "serviceaccounts", "TokenRequest", "token", namespaced: true)
{
    private const long DefaultSeconds = 3600;
    private const long MinimumSeconds = 600;
    private const long MaximumSeconds = 1L << 32;

    public override string KindGroup => "authentication.k8s.io";

    public override void SetDefaults(JsonObject body) => body["spec"]!["expirationSeconds"] ??= DefaultSeconds;

    public override JsonObject Create(UserInfo user, RequestInfo request, JsonObject body)
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

        if (body.At("spec", "boundObjectRef") is not null)
        {
            throw Statuses.NotImplemented("tokens that are bound to a Pod or Secret");
        }

        var seconds = Seconds(body);
        var (token, expires) = tokens.Issue(account, audiences, TimeSpan.FromSeconds(seconds));

        return Answer(
            new JsonObject { ["audiences"] = audiences.ToJsonArray(), ["expirationSeconds"] = seconds, ["boundObjectRef"] = null },
            new JsonObject { ["token"] = token, ["expirationTimestamp"] = Timestamps.Format(expires) },
            new JsonObject { ["name"] = request.Name, ["namespace"] = request.Namespace, ["creationTimestamp"] = Timestamps.Now(time) });
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
}

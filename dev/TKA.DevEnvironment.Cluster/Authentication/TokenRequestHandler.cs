namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>
/// <c>POST .../serviceaccounts/{name}/token</c>: a token for a ServiceAccount, at least 10 minutes long. Tokens that also end
/// with a Pod or Secret are refused.
/// </summary>
internal sealed class TokenRequestHandler(ServiceAccountTokens tokens, ObjectStore objects, TimeProvider time)
    : CreateHandler("", "serviceaccounts", "TokenRequest", "token", namespaced: true)
{
    private const long DefaultSeconds = 3600;
    private const long MinimumSeconds = 600;
    private const long MaximumSeconds = 1L << 32;

    public override string KindGroup => "authentication.k8s.io";

    public override void SetDefaults(JsonObject body) => body["spec"]!["expirationSeconds"] ??= DefaultSeconds;

    public override JsonObject Create(UserInfo user, RequestInfo request, JsonObject body)
    {
        RequireSame(body, request);
        var account = objects.Get("", "serviceaccounts", request.Namespace, request.Name)
            ?? throw Statuses.NotFound(new GroupResource("", "serviceaccounts"), request.Name);
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

    private void RequireSame(JsonObject body, RequestInfo request)
    {
        var errors = new FieldErrors();
        errors.Check("metadata.name", body.Name(), body.Name() is "" || body.Name() == request.Name ? null : "must match the service account name if specified");
        errors.Check("metadata.namespace", body.Namespace(), body.Namespace() is "" || body.Namespace() == request.Namespace ? null : "must match the service account namespace if specified");
        errors.ThrowIfAny(KindGroup, Kind, request.Name);
    }

    private long Seconds(JsonObject body)
    {
        var (errors, seconds) = (new FieldErrors(), body.Child("spec").Integer("expirationSeconds")!.Value);
        errors.Check("spec.expirationSeconds", seconds, seconds switch
        {
            < MinimumSeconds => "may not specify a duration less than 10 minutes",
            > MaximumSeconds => "may not specify a duration larger than 2^32 seconds",
            _ => null,
        });
        errors.ThrowIfAny(KindGroup, Kind, "");
        return seconds;
    }
}

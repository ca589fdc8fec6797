namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>
/// <c>authentication.k8s.io/v1 TokenReview</c>: whether a token is good, for which of the audiences asked for, and whose it is.
/// A bad token is an answer (201, <c>authenticated</c> absent), not an error.
/// </summary>
internal sealed class TokenReviewHandler(BearerTokenAuthenticator authenticator)
    : CreateHandler("authentication.k8s.io", "tokenreviews", "TokenReview")
{
    public override JsonObject Create(UserInfo user, RequestInfo request, JsonObject body)
    {
        var token = body.Text("spec", "token");
        if (token.Length == 0)
        {
            throw new StatusException(400, "BadRequest", "token is required for TokenReview in authentication");
        }

        if (body.Namespace().Length > 0)
        {
            throw new StatusException(400, "BadRequest", $"namespace is not allowed on this type: {body.Namespace()}");
        }

        var audiences = body.Texts("spec", "audiences");
        var check = authenticator.Check(token, audiences.Count > 0 ? audiences : ServiceAccountTokens.ServerAudiences);
        var status = check.User is { } reviewed
            ? new JsonObject { ["authenticated"] = true, ["user"] = reviewed.ToJson(), ["audiences"] = check.Audiences.ToJsonArray() }
            : new JsonObject { ["user"] = new JsonObject(), ["error"] = check.Error };

        return Answer(body["spec"], status);
    }
}

using TKA.Contracts;
using TKA.Contracts.Operator;
using TKA.Kubernetes.Client;
using TKA.Operator.Health;
using TKA.Operator.Telemetry;
using TKA.ServiceDefaults.Health;
using TKA.ServiceDefaults.Problems;

namespace TKA.Operator.Tokens;

/// <summary><c>POST /v1/sessions/{name}/token</c>.</summary>
internal static class SessionTokenEndpoint
{
    private static readonly TimeSpan NotReadyRetry = TimeSpan.FromSeconds(1);

    public static void MapSessionToken(this IEndpointRouteBuilder routes) =>
        routes.MapPost(OperatorRoutes.SessionToken, IssueAsync)
            .RequireAuthorization(TokenServicePolicies.IssueTokens)
            .RequireRateLimiting(TokenServicePolicies.PerSession);

    private static async Task<IResult> IssueAsync(string name, HttpContext context, SessionTokenIssuer issuer, OngoingFailures failures, OperatorMetrics metrics, ILogger<SessionTokenIssuer> logger)
    {
        SessionTokenRequest? request;
        try
        {
            request = await context.Request.ReadFromJsonAsync(ContractsJsonContext.Default.SessionTokenRequest, context.RequestAborted);
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or InvalidOperationException)
        {
            request = null;
        }

        if (request is null)
        {
            metrics.TokenRequest("invalid");
            return Problems.Result(StatusCodes.Status400BadRequest, "The body must be JSON with the session's uid and username.");
        }

        TokenAnswer answer;
        try
        {
            answer = await issuer.IssueAsync(name, request, context.User.Identity?.Name, context.RequestAborted);
        }
        catch (KubernetesRequestException exception)
        {
            metrics.TokenRequest("unavailable");
            failures.Add(SessionFailures.Tokens, name, exception.Message);
            Log.TokenFailed(logger, name, exception.Message);
            ProblemWriter.SetRetryAfter(context.Response, exception.RetryAfter ?? NotReadyRetry);
            return Problems.Result(StatusCodes.Status503ServiceUnavailable, "The cluster did not issue a token.", "Try again shortly.");
        }

        failures.Remove(SessionFailures.Tokens, name);
        metrics.TokenRequest(answer.Refusal switch
        {
            TokenRefusal.None => "issued",
            TokenRefusal.NotFound => "not_found",
            TokenRefusal.NotReady => "not_ready",
            TokenRefusal.Rejected => "rejected",
            _ => "over",
        });
        context.Response.Headers.CacheControl = "no-store";
        switch (answer.Refusal)
        {
            case TokenRefusal.None:
                return TypedResults.Json(answer.Token!, ContractsJsonContext.Default.SessionToken);
            case TokenRefusal.NotFound:
                return Problems.Result(StatusCodes.Status404NotFound, answer.Explanation, "Sign in again.");
            case TokenRefusal.Over:
                return Problems.Result(StatusCodes.Status410Gone, answer.Explanation, "Sign in again.");
            case TokenRefusal.Rejected:
                return Problems.Result(StatusCodes.Status409Conflict, answer.Explanation);
            default:
                ProblemWriter.SetRetryAfter(context.Response, NotReadyRetry);
                return Problems.Result(StatusCodes.Status409Conflict, answer.Explanation, "Try again shortly.");
        }
    }
}

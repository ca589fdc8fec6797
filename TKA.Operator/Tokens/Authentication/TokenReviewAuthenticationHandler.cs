using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using TKA.Kubernetes.Client;
using TKA.Operator.Health;
using TKA.ServiceDefaults.Health;
using TKA.ServiceDefaults.Problems;

namespace TKA.Operator.Tokens.Authentication;

/// <summary>Authenticates callers by their projected ServiceAccount token, which the cluster reviews.</summary>
internal sealed class TokenReviewAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, TokenReviewer reviewer, OngoingFailures failures)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "TokenReview";

    /// <summary>Reviewing callers, among what can fail: every session is without tokens then.</summary>
    private const string Reviews = "token reviews";

    private static readonly object CannotAsk = new();

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        string? user;
        try
        {
            user = await reviewer.UserOfAsync(header["Bearer ".Length..].Trim(), Context.Connection.RemoteIpAddress, Context.RequestAborted);
        }
        catch (KubernetesRequestException exception)
        {
            Log.ReviewFailed(Logger, exception.Message);
            if (exception.Error != KubernetesError.Throttled)
            {
                failures.Add(SessionFailures.Tokens, Reviews, exception.Message);
            }

            Context.Items[CannotAsk] = exception;
            return AuthenticateResult.Fail("The token could not be reviewed.");
        }

        failures.Remove(SessionFailures.Tokens, Reviews);
        if (user is null)
        {
            return AuthenticateResult.Fail("The token is not good for this service.");
        }

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (Context.Items.TryGetValue(CannotAsk, out var failure))
        {
            var e = (KubernetesRequestException)failure!;
            ProblemWriter.SetRetryAfter(Context.Response, e.RetryAfter ?? TimeSpan.FromSeconds(1));
            var status = e.Error == KubernetesError.Throttled ? StatusCodes.Status429TooManyRequests : StatusCodes.Status503ServiceUnavailable;
            return Problems.WriteAsync(Context, status, "The caller's token could not be reviewed by the cluster.", "Try again shortly.");
        }

        Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.WriteAsync(
            Context,
            StatusCodes.Status401Unauthorized,
            "A ServiceAccount token with audience tka-operator is required.",
            "Project a token with that audience into the Pod and send it as bearer token.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.WriteAsync(
            Context,
            StatusCodes.Status403Forbidden,
            $"{Context.User.Identity?.Name} may not do this.",
            "Name it in operator:tokenService:allowedServiceAccounts or historyReaders if it should.");
}

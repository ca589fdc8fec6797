using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;
using TKA.Operator.Options;
using TKA.Operator.Telemetry;
using TKA.Operator.Tokens.Authentication;
using TKA.ServiceDefaults.Problems;

namespace TKA.Operator.Tokens;

/// <summary>Who may call what, and how often.</summary>
internal static class TokenServicePolicies
{
    public const string IssueTokens = "issue-tokens";
    public const string ReadHistory = "read-history";
    public const string PerSession = "per-session";

    public static void AddAuthorization(AuthorizationOptions authorization, TokenServiceOptions options, string systemNamespace)
    {
        Allow(IssueTokens, options.AllowedServiceAccounts ?? [$"system:serviceaccount:{systemNamespace}:tka-api"]);
        Allow(ReadHistory, options.HistoryReaders ?? [$"system:serviceaccount:{systemNamespace}:tka-auditor"]);

        void Allow(string policy, IList<string> users) => authorization.AddPolicy(policy, builder => builder
            .AddAuthenticationSchemes(TokenReviewAuthenticationHandler.SchemeName)
            .RequireAuthenticatedUser()
            .RequireClaim(ClaimTypes.Name, users));
    }

    public static void AddRateLimits(RateLimiterOptions limits, TokenServiceOptions options)
    {
        limits.AddPolicy(PerSession, context => RateLimitPartition.GetTokenBucketLimiter(
            context.Request.RouteValues["name"] as string ?? "",
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = options.Burst,
                TokensPerPeriod = options.PerMinute,
                ReplenishmentPeriod = TimeSpan.FromMinutes(1),
                QueueLimit = 0,
            }));
        limits.OnRejected = static async (rejected, _) =>
        {
            var context = rejected.HttpContext;
            context.RequestServices.GetRequiredService<OperatorMetrics>().TokenRequest("throttled");
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? retryAfter : TimeSpan.FromSeconds(10);
            ProblemWriter.SetRetryAfter(context.Response, wait);
            await Problems.WriteAsync(
                context,
                StatusCodes.Status429TooManyRequests,
                "Too many tokens were asked for this session.",
                string.Create(CultureInfo.InvariantCulture, $"Keep the token until it expires; the next is possible in {wait.TotalSeconds:0} s."));
        };
    }
}

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

    /// <summary>A few at a time for each caller: one may read thousands of records, and this process also ends sessions.</summary>
    public const string Histories = "histories";

    public static void AddAuthorization(AuthorizationOptions authorization, TokenServiceOptions options, string systemNamespace)
    {
        var api = $"system:serviceaccount:{systemNamespace}:tka-api";
        Allow(IssueTokens, options.AllowedServiceAccounts ?? [api]);
        Allow(ReadHistory, options.HistoryReaders ?? [$"system:serviceaccount:{systemNamespace}:tka-auditor", api]);

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
        limits.AddPolicy(Histories, static context => RateLimitPartition.GetConcurrencyLimiter(context.User.Identity?.Name ?? "", static _ => new ConcurrencyLimiterOptions { PermitLimit = 2, QueueLimit = 8 }));
        limits.OnRejected = static async (rejected, _) =>
        {
            var context = rejected.HttpContext;
            if (context.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>()?.PolicyName == Histories)
            {
                ProblemWriter.SetRetryAfter(context.Response, TimeSpan.FromSeconds(10));
                await Problems.WriteAsync(context, StatusCodes.Status429TooManyRequests, "Too many ask for the history at once.", "Try again shortly.");
                return;
            }

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

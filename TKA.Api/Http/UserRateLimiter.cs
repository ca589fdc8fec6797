using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.Problems;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Http;

/// <summary>Gives every person a bucket of requests. Callers without an identity are limited where tailscaled is asked about them.</summary>
internal sealed class UserRateLimiter(IOptions<ApiOptions> api) : IConfigureOptions<RateLimiterOptions>
{
    // Buckets are refilled this often; a longer step would make people wait for permits they already earned.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    public void Configure(RateLimiterOptions options)
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.OnRejected = RejectAsync;
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(Partition);
    }

    private RateLimitPartition<string> Partition(HttpContext context)
    {
        var limit = api.Value.RateLimit;
        if (limit.PermitsPerMinute == 0 || context.Features.Get<ITailscalePeerFeature>()?.Peer is not { } peer)
        {
            return RateLimitPartition.GetNoLimiter("");
        }

        // Tagged nodes share one login name and are told apart by node.
        var key = peer.IsTagged ? peer.NodeStableId : peer.LoginName.ToLowerInvariant();
        return RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = limit.Burst,
            TokensPerPeriod = Math.Max(1, (int)(limit.PermitsPerMinute * Step / TimeSpan.FromMinutes(1))),
            ReplenishmentPeriod = limit.PermitsPerMinute * Step < TimeSpan.FromMinutes(1) ? TimeSpan.FromMinutes(1) / limit.PermitsPerMinute : Step,
            QueueLimit = 0,
        });
    }

    private static ValueTask RejectAsync(OnRejectedContext context, CancellationToken cancellationToken)
    {
        var retryAfter = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var delay) ? delay : TimeSpan.FromSeconds(1);
        return new ValueTask(ApiProblems.RateLimited(retryAfter).WriteAsync(context.HttpContext));
    }
}

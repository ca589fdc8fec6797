using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Sessions;

namespace TKA.Api.Hosting;

/// <summary>
/// Ready when the sessions are known. A cache that cannot be kept current now is degraded, not down: logins are answered
/// 503 one by one, and everything that needs no write still works.
/// </summary>
internal sealed class SessionCacheHealthCheck(ResourceInformer<TkaSignin> informer) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult((informer.HasSynced, informer.LastError) switch
        {
            (false, null) => new HealthCheckResult(context.Registration.FailureStatus, "The sessions are not listed yet."),
            (false, { } error) => new HealthCheckResult(context.Registration.FailureStatus, error.Message),
            (true, { } error) => HealthCheckResult.Degraded(error.Message),
            _ => HealthCheckResult.Healthy($"{informer.Cache.Count} sessions are known."),
        });
}

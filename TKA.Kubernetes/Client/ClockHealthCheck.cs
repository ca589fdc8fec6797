using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TKA.Kubernetes.Client;

/// <summary>Degraded while this machine's clock is so wrong that the API server's counts instead.</summary>
/// <param name="time">The time that sessions go by.</param>
public sealed class ClockHealthCheck(ClusterTime time) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(time.Skew is { } skew && skew.Duration() > ClusterTime.Tolerance
            ? HealthCheckResult.Degraded($"the clock differs from the API server's by {skew.TotalSeconds:0} s; sessions go by the API server's")
            : HealthCheckResult.Healthy());
}

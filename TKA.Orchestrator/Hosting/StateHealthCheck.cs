using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.Orchestrator.Registry;

namespace TKA.Orchestrator.Hosting;

/// <summary>Degraded while the state store is away: clusters are listed and renewed from memory, but replicas no longer agree.</summary>
internal sealed class StateHealthCheck(ClusterRegistry registry) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(registry.Problem is { } problem
            ? HealthCheckResult.Degraded(problem)
            : registry.HasSynced
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, "The registry has not been read yet."));
}

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TKA.Api.Registration;

/// <summary>Degraded while the orchestrator refuses this cluster or cannot be reached, or another installation asks for its name. People can sign in all the same.</summary>
internal sealed class RegistrationHealthCheck(ClusterRegistration registration) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(registration.Problem is { } problem ? HealthCheckResult.Degraded(problem) : HealthCheckResult.Healthy());
}

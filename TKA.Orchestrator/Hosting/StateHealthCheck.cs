using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.Orchestrator.Registry;
using TKA.State;

namespace TKA.Orchestrator.Hosting;

/// <summary>Ready only while the registry can be read: without it there is nothing to answer with.</summary>
internal sealed class StateHealthCheck(StateStore state) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await state.ReadAsync<ClusterIndex>("clusters", cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (StateUnavailableException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The Dapr state store cannot be reached.");
        }
    }
}

using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.Api.Problems;

namespace TKA.Api.ClusterInformation;

/// <summary>Degraded while the cluster's endpoint is not known: people can sign in, and get no kubeconfig. Costs one request a minute, and each probe one until the first answer.</summary>
internal sealed class ClusterInfoHealthCheck(IClusterInfoSource source) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await source.GetAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (ApiProblemException exception)
        {
            return HealthCheckResult.Degraded($"There is no kubeconfig: {exception.InnerException?.Message ?? exception.Problem.Detail}");
        }
    }
}

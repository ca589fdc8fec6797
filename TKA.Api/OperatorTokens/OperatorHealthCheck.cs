using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TKA.Api.OperatorTokens;

/// <summary>Degraded while the operator gives no tokens: logins are answered 503, tokens that were given work, and people can sign out.</summary>
internal sealed class OperatorHealthCheck(OperatorTokenClient client) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await client.FindProblemAsync(cancellationToken) is { } problem ? HealthCheckResult.Degraded(problem) : HealthCheckResult.Healthy();
}

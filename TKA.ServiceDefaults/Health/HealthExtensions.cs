using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TKA.ServiceDefaults.Health;

/// <summary>The checks that every service has.</summary>
internal static class HealthExtensions
{
    internal static void AddDefaultHealthChecks(this WebApplicationBuilder builder) =>
        builder.Services
            .AddSingleton<ReadinessLog>()
            .AddSingleton<ReadinessMetrics>()
            .AddHealthChecks()
            .AddCheck("self", () => HealthCheckResult.Healthy(), [HealthTags.Live])
            .AddCheck<HostLifetimeHealthCheck>("host", tags: [HealthTags.Ready]);
}

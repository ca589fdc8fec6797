using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using TKA.ServiceDefaults.DataProtection;
using TKA.ServiceDefaults.Health;
using TKA.ServiceDefaults.Management;
using TKA.ServiceDefaults.Telemetry;

namespace TKA.ServiceDefaults;

/// <summary>What every TKA service has in common, in the shape of Aspire's service defaults.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>
    /// Adds telemetry, health checks and the management listener.
    /// </summary>
    /// <remarks>
    /// The management listener is a Kestrel endpoint of its own, and Kestrel ignores <c>ASPNETCORE_URLS</c> once an endpoint is
    /// set in code: a service must <c>Listen</c> for its own traffic explicitly.
    /// </remarks>
    /// <param name="builder">Builder of the service.</param>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddLogDefaults();
        builder.AddTelemetry();
        builder.AddDefaultHealthChecks();
        builder.AddManagementListener();
        builder.AddInMemoryKeys();
        return builder;
    }

    /// <summary>
    /// Serves, on the management port only: <c>/livez</c> and <c>/alive</c> (checks tagged <see cref="HealthTags.Live"/>),
    /// <c>/readyz</c> and <c>/ready</c> (<see cref="HealthTags.Ready"/>), <c>/healthz</c> and <c>/health</c> (all), and
    /// <c>/metrics</c> for Prometheus. A degraded check answers 200.
    /// </summary>
    /// <param name="app">Application built with <see cref="AddServiceDefaults"/>.</param>
    public static WebApplication MapManagementEndpoints(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.Services.GetRequiredService<ManagementListener>().Pipeline = ManagementExtensions.Configure;
        return app;
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.ServiceDefaults.Health;

namespace TKA.ServiceDefaults.Management;

/// <summary>The management port: its listener and what it serves.</summary>
internal static class ManagementExtensions
{
    internal static void Configure(IApplicationBuilder app) => app
        .UseHealth(static check => check.Tags.Contains(HealthTags.Live), HealthReportText.WriteAsync, "/livez", "/alive")
        .UseHealth(static check => check.Tags.Contains(HealthTags.Ready), WriteReadinessAsync, "/readyz", "/ready")
        .UseHealth(static _ => true, HealthReportText.WriteAsync, "/healthz", "/health")
        .UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");

    internal static void AddManagementListener(this WebApplicationBuilder builder)
    {
        var options = ManagementOptions.From(builder.Configuration);
        var listener = new ManagementListener();
        builder.Services.AddSingleton(listener);
        builder.Services.AddSingleton<IStartupFilter, ManagementStartupFilter>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            listener.Listen(kestrel, options);
        });
    }

    private static Task WriteReadinessAsync(HttpContext context, HealthReport report)
    {
        context.RequestServices.GetRequiredService<ReadinessLog>().Observe(report);
        context.RequestServices.GetRequiredService<ReadinessMetrics>().Observe(report);
        return HealthReportText.WriteAsync(context, report);
    }

    private static IApplicationBuilder UseHealth(
        this IApplicationBuilder app,
        Func<HealthCheckRegistration, bool> predicate,
        Func<HttpContext, HealthReport, Task> write,
        params ReadOnlySpan<string> paths)
    {
        var options = new HealthCheckOptions { Predicate = predicate, ResponseWriter = write };
        foreach (var path in paths)
        {
            app.UseHealthChecks(path, options);
        }

        return app;
    }
}

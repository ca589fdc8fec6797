using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using TKA.ServiceDefaults.Management;

namespace TKA.ServiceDefaults.Telemetry;

/// <summary>Traces, metrics and logs.</summary>
internal static class TelemetryExtensions
{
    /// <summary>All of TKA's meters and activity sources are named <c>TKA.</c>something.</summary>
    private const string TkaSources = "TKA.*";

    /// <summary>
    /// Series that one instrument may have. The SDK sets memory aside for all of them at once, for its default of 2000 some 10 MB
    /// in every service; TKA's labels are few by rule (never a user name).
    /// </summary>
    private const int SeriesPerInstrument = 256;

    /// <summary>
    /// Metrics always, for <c>/metrics</c>. Traces, logs and pushed metrics only where an OTLP endpoint is configured: without
    /// one they would cost memory and not be read by anything.
    /// </summary>
    internal static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, builder))
            .WithMetrics(metrics => metrics
                .AddMeter(TkaSources)
                .AddView(static _ => new MetricStreamConfiguration { CardinalityLimit = SeriesPerInstrument })
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddPrometheusExporter());

        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return;
        }

        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        telemetry
            .WithTracing(tracing => tracing
                .SetSampler(new ParentBasedSampler(new LoopSampler()))
                .AddSource(TkaSources)
                .AddAspNetCoreInstrumentation(options => options.Filter = IsServiceTraffic)
                .AddHttpClientInstrumentation(options =>
                {
                    options.EnrichWithHttpRequestMessage = ClientSpans.Describe;
                    options.EnrichWithHttpResponseMessage = ClientSpans.Judge;
                }))
            .UseOtlpExporter();
    }

    /// <summary>Probes and scrapes are noise in a trace view.</summary>
    private static bool IsServiceTraffic(HttpContext context) =>
        context.Features.Get<IManagementConnectionFeature>() is null;

    /// <summary>Names the service as its assembly unless <c>OTEL_SERVICE_NAME</c> does.</summary>
    private static void Describe(ResourceBuilder resource, WebApplicationBuilder builder)
    {
        if (!string.IsNullOrEmpty(builder.Configuration["OTEL_SERVICE_NAME"]))
        {
            return;
        }

        var version = Assembly.GetEntryAssembly()?.GetName().Version?.ToString(3);
        resource.AddService(builder.Environment.ApplicationName, serviceVersion: version);
    }
}

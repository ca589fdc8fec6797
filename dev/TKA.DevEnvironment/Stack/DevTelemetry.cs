using OpenTelemetry;
using OpenTelemetry.Trace;

namespace TKA.DevEnvironment.Stack;

/// <summary>
/// The servers' side of a trace, where an OTLP endpoint is configured: what the embedded API server, tailscaled and Dapr did for a
/// request that is part of one. They begin no trace, so watches, probes and renewals leave none.
/// </summary>
internal static class DevTelemetry
{
    /// <summary>Starts to export; disposing the result sends what is left.</summary>
    /// <returns>Null when no endpoint is configured.</returns>
    public static IDisposable? Start() =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"))
            ? null
            : Sdk.CreateTracerProviderBuilder()
                .SetSampler(new ParentBasedSampler(new AlwaysOffSampler()))
                .AddAspNetCoreInstrumentation(options =>
                {
                    options.EnrichWithHttpRequest = (activity, request) => activity.DisplayName = $"{request.Method} {request.Path}";
                    options.EnrichWithHttpResponse = (activity, response) =>
                        activity.DisplayName = $"{response.HttpContext.Request.Method} {response.HttpContext.Request.Path}";
                })
                .AddOtlpExporter()
                .Build();
}

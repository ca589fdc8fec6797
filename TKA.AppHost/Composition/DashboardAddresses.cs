using Microsoft.Extensions.Configuration;
using TKA.DevEnvironment.Stack;

namespace TKA.AppHost.Composition;

/// <summary>
/// Where the dashboard listens. Aspire takes it from environment variables that a launch profile sets; the ports of the stack
/// (<c>--ports</c>) come first, so that two stacks can run beside each other.
/// </summary>
internal static class DashboardAddresses
{
    private const string Urls = "ASPNETCORE_URLS";
    private const string Telemetry = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";
    private const string TelemetryHttp = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";
    private const string Unsecured = "ASPIRE_ALLOW_UNSECURED_TRANSPORT";

    /// <summary>Sets the variables for this process, before Aspire reads them.</summary>
    public static void Set(StackPorts ports)
    {
        // The https profile of launchSettings.json: its scheme stays, for machines with a trusted development certificate.
        var scheme = Environment.GetEnvironmentVariable(Urls)?.StartsWith("https:", StringComparison.Ordinal) == true ? "https" : "http";
        Environment.SetEnvironmentVariable(Urls, $"{scheme}://localhost:{ports.Dashboard}");
        Environment.SetEnvironmentVariable(Telemetry, $"{scheme}://localhost:{ports.Telemetry}");
        Environment.SetEnvironmentVariable(TelemetryHttp, $"{scheme}://localhost:{ports.TelemetryHttp}");
        Environment.SetEnvironmentVariable(Unsecured, scheme == "http" ? "true" : "false");
    }

    /// <summary>Address of the dashboard's login page, with the token that lets one in.</summary>
    public static Uri? LoginOf(IConfiguration configuration) =>
        configuration[Urls] is { Length: > 0 } url && configuration["AppHost:BrowserToken"] is { Length: > 0 } token
            ? new Uri(new Uri(url.Split(';')[0]), $"/login?t={token}")
            : null;

    /// <summary>Variables of OpenTelemetry with which <c>tka</c> sends its span to the dashboard.</summary>
    public static IReadOnlyList<(string Key, string Value)> TelemetryOf(IConfiguration configuration) =>
        configuration[TelemetryHttp] is { Length: > 0 } endpoint && configuration["AppHost:OtlpApiKey"] is { Length: > 0 } key
            ?
            [
                ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
                ("OTEL_EXPORTER_OTLP_HEADERS", $"x-otlp-api-key={key}"),
            ]
            : [];
}

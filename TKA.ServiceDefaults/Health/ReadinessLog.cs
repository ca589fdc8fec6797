using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace TKA.ServiceDefaults.Health;

/// <summary>
/// Logs readiness when it changes. The health checks' own log has an error for each probe of a service that still starts, and one for
/// each probe of an outage.
/// </summary>
internal sealed partial class ReadinessLog(ILogger<ReadinessLog> logger)
{
    private readonly Lock _gate = new();
    private HealthStatus? _last;

    /// <summary>Takes the answer to a probe.</summary>
    internal void Observe(HealthReport report)
    {
        lock (_gate)
        {
            if (_last == report.Status)
            {
                return;
            }

            // Nothing was lost while the service has never been ready.
            var level = _last is HealthStatus.Healthy ? LogLevel.Warning : LogLevel.Information;
            var causes = Causes(report);
            _last = report.Status;
            switch (report.Status)
            {
                case HealthStatus.Healthy:
                    LogReady();
                    break;
                case HealthStatus.Degraded:
                    LogDegraded(level, causes);
                    break;
                default:
                    LogNotReady(level, causes);
                    break;
            }
        }
    }

    /// <summary>Only names and descriptions: an exception's text may hold addresses.</summary>
    private static string Causes(HealthReport report) => string.Join(", ", report.Entries
        .Where(entry => entry.Value.Status is not HealthStatus.Healthy)
        .OrderBy(entry => entry.Key, StringComparer.Ordinal)
        .Select(entry => string.IsNullOrEmpty(entry.Value.Description) ? entry.Key : $"{entry.Key} ({entry.Value.Description})"));

    [LoggerMessage(1, LogLevel.Information, "Ready.")]
    private partial void LogReady();

    [LoggerMessage(EventId = 2, Message = "Ready, but degraded: {Causes}")]
    private partial void LogDegraded(LogLevel level, string causes);

    [LoggerMessage(EventId = 3, Message = "Not ready: {Causes}")]
    private partial void LogNotReady(LogLevel level, string causes);
}

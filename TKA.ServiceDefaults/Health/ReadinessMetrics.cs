using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TKA.ServiceDefaults.Health;

/// <summary><c>tka_readiness{check}</c>: what the last probe of <c>/readyz</c> was told. Absent before the first.</summary>
internal sealed class ReadinessMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "TKA.ServiceDefaults";

    private readonly Meter _meter;
    private volatile HealthReport? _last;

    public ReadinessMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _meter.CreateObservableGauge("tka_readiness", Measure, "{status}", "Each check of /readyz as the last probe saw it: 2 healthy, 1 degraded, 0 failed.");
    }

    /// <summary>Takes the answer to a probe.</summary>
    public void Observe(HealthReport report) => _last = report;

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<int>> Measure() =>
        _last?.Entries.Select(entry => new Measurement<int>((int)entry.Value.Status, new KeyValuePair<string, object?>("check", entry.Key))) ?? [];
}

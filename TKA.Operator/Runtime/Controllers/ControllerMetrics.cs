using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TKA.Operator.Runtime.Controllers;

/// <summary>Metrics and spans of a controller.</summary>
internal sealed class ControllerMetrics : IDisposable
{
    public const string MeterName = "TKA.Operator.Runtime";

    /// <summary>One span per pass.</summary>
    public static readonly ActivitySource Activities = new(MeterName);

    private readonly Meter _meter;
    private readonly Counter<long> _total;
    private readonly Histogram<double> _duration;
    private Func<int>? _depth;
    private Func<long>? _retries;

    public ControllerMetrics(IMeterFactory? meterFactory = null)
    {
        _meter = meterFactory?.Create(MeterName) ?? new Meter(MeterName);
        _total = _meter.CreateCounter<long>("tka_reconcile_total", "{pass}", "Passes by outcome: success, requeue, conflict, throttled, error.");
        _duration = _meter.CreateHistogram(
            "tka_reconcile_duration_seconds",
            "s",
            "Duration of one pass.",
            // A pass is a handful of requests of some milliseconds each.
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] });
        _meter.CreateObservableGauge("tka_workqueue_depth", () => _depth?.Invoke() ?? 0, "{key}", "Keys waiting for a worker.");
        _meter.CreateObservableCounter("tka_workqueue_retries_total", () => _retries?.Invoke() ?? 0, "{retry}", "Keys that came back after a failure.");
    }

    public void Watch(Func<int> depth, Func<long> retries) => (_depth, _retries) = (depth, retries);

    public void Passed(string outcome, TimeSpan duration)
    {
        _total.Add(1, new TagList { { "outcome", outcome } });
        _duration.Record(duration.TotalSeconds);
    }

    public void Dispose() => _meter.Dispose();
}

using System.Diagnostics.Metrics;

namespace TKA.Tailscale;

/// <summary>Instruments of this assembly.</summary>
internal sealed class TailscaleMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "TKA.Tailscale";

    private readonly Meter _meter;
    private readonly Histogram<double> _whoIs;

    public TailscaleMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _whoIs = _meter.CreateHistogram(
            "tka.whois.duration",
            unit: "s",
            description: "Time tailscaled took to say who a connection belongs to.",
            advice: new InstrumentAdvice<double>
            {
                // A hit takes about 1 ms, a miss 180 ms, the deadline is 1.5 s.
                HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
            });
    }

    public void WhoIs(TimeSpan elapsed, string outcome) =>
        _whoIs.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));

    public void Dispose() => _meter.Dispose();
}

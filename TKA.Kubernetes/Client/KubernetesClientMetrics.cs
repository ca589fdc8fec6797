using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TKA.Kubernetes.Client;

/// <summary>Metrics of the requests to Kubernetes, under the names client-go made common.</summary>
public sealed class KubernetesClientMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "TKA.Kubernetes";

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _relists;
    private readonly Counter<long> _watchRestarts;
    private readonly Counter<long> _restores;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meterFactory">Creates the meter.</param>
    /// <param name="time">The time that the API server tells; absent: the difference is not measured.</param>
    public KubernetesClientMetrics(IMeterFactory? meterFactory = null, ClusterTime? time = null)
    {
        _meter = meterFactory?.Create(MeterName) ?? new Meter(MeterName);
        _requests = _meter.CreateCounter<long>("rest_client_requests_total", "{request}", "Requests to the Kubernetes API by verb, resource and status code.");
        _duration = _meter.CreateHistogram(
            "rest_client_request_duration_seconds",
            "s",
            "Duration of requests to the Kubernetes API, watches excepted.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        _relists = _meter.CreateCounter<long>("tka_informer_lists_total", "{list}", "Full lists by the list-watch caches.");
        _watchRestarts = _meter.CreateCounter<long>("tka_informer_watch_restarts_total", "{restart}", "Watches (re)opened by the list-watch caches.");
        _restores = _meter.CreateCounter<long>("tka_informer_restores_total", "{restore}", "Times that the cluster's state was seen to be an earlier one, as after a restored backup.");
        if (time is not null)
        {
            _meter.CreateObservableGauge("tka_clock_skew_seconds", () => Skew(time), "s", "How far this machine's clock is ahead of the API server's.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Request(string verb, string resource, string code, long startTimestamp)
    {
        var tags = new TagList { { "verb", verb }, { "resource", resource }, { "code", code } };
        _requests.Add(1, tags);
        if (verb != "watch")
        {
            _duration.Record(Stopwatch.GetElapsedTime(startTimestamp).TotalSeconds, new TagList { { "verb", verb }, { "resource", resource } });
        }
    }

    internal void Listed(string resource) => _relists.Add(1, new TagList { { "resource", resource } });

    internal void Restored(string resource) => _restores.Add(1, new TagList { { "resource", resource } });

    internal void WatchOpened(string resource) => _watchRestarts.Add(1, new TagList { { "resource", resource } });

    private static IEnumerable<Measurement<double>> Skew(ClusterTime time) => time.Skew is { } skew ? [new(skew.TotalSeconds)] : [];
}

using System.Diagnostics.Metrics;
using TKA.Contracts.Orchestrator;
using TKA.Orchestrator.Registry;

namespace TKA.Orchestrator.Telemetry;

/// <summary><c>tka_clusters{status}</c>: registered clusters, counted anew with every pass over the registry.</summary>
internal sealed class ClusterMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "TKA.Orchestrator";

    private readonly Meter _meter;
    private volatile Counts? _counts;

    public ClusterMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _meter.CreateObservableGauge("tka.clusters", Observe, "{cluster}", "Registered clusters.");
    }

    /// <summary>Counts what is known now.</summary>
    public void Count(IEnumerable<Cluster> registered)
    {
        var ready = registered.ToLookup(cluster => cluster.Status == ClusterStatus.Ready);
        _counts = new Counts(ready[true].Count(), ready[false].Count());
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<int>> Observe() =>
        _counts is { } counts
            ?
            [
                new Measurement<int>(counts.Ready, new KeyValuePair<string, object?>("status", ClusterStatus.Ready)),
                new Measurement<int>(counts.Stale, new KeyValuePair<string, object?>("status", ClusterStatus.Stale)),
            ]
            : [];

    private sealed record Counts(int Ready, int Stale);
}

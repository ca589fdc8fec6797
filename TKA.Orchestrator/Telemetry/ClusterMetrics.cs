using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using TKA.Contracts.Orchestrator;
using TKA.Orchestrator.Configuration;
using TKA.Orchestrator.Registry;
using TKA.State;

namespace TKA.Orchestrator.Telemetry;

/// <summary><c>tka_clusters{status}</c>, counted anew with every heartbeat interval: clusters go stale without anybody calling.</summary>
internal sealed class ClusterMetrics : BackgroundService
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "TKA.Orchestrator";

    /// <summary>A sidecar starts beside this process and may take longer: until then its absence is no news.</summary>
    private static readonly TimeSpan SidecarStart = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1);

    private readonly ClusterRegistry _registry;
    private readonly RegistryOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ClusterMetrics> _logger;
    private readonly Meter _meter;
    private volatile Counts? _counts;

    public ClusterMetrics(
        ClusterRegistry registry, IOptions<RegistryOptions> options, TimeProvider time, IMeterFactory factory, ILogger<ClusterMetrics> logger)
    {
        _registry = registry;
        _options = options.Value;
        _time = time;
        _logger = logger;
        _meter = factory.Create(MeterName);
        _meter.CreateObservableGauge("tka.clusters", Observe, description: "Registered clusters.");
    }

    /// <summary>Counts what a list has just shown.</summary>
    public void Count(IEnumerable<Cluster> registered)
    {
        var (ready, stale) = (0, 0);
        foreach (var cluster in registered)
        {
            if (cluster.Status == ClusterStatus.Ready)
            {
                ready++;
            }
            else
            {
                stale++;
            }
        }

        _counts = new Counts(ready, stale);
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (began, starting) = (_time.GetTimestamp(), true);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Count((await _registry.ListAsync(stoppingToken)).Select(_registry.Present));
                starting = false;
            }
            catch (StateUnavailableException exception)
            {
                // No number is better than an old one: an alert on absence tells the truth.
                _counts = null;
                starting = starting && _time.GetElapsedTime(began) < SidecarStart;
                if (!starting)
                {
                    Log.StateUnavailable(_logger, exception.Message);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(starting ? TryAgain : _options.Heartbeat, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

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

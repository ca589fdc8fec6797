using TKA.Orchestrator.Telemetry;

namespace TKA.Orchestrator.Registry;

/// <summary>Keeps this replica's view current: what other replicas wrote, what has gone stale, what is over.</summary>
internal sealed class RegistrySync(ClusterRegistry registry, ClusterMetrics metrics, TimeProvider time) : BackgroundService
{
    /// <summary>How far replicas may be behind each other.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await registry.SyncAsync(stoppingToken);
                if (registry.HasSynced)
                {
                    metrics.Count(registry.Known.Select(registry.Present));
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(registry.HasSynced ? Interval : FirstRetry, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

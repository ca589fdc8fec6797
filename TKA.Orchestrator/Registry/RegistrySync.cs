using TKA.Orchestrator.Telemetry;

namespace TKA.Orchestrator.Registry;

/// <summary>Keeps this replica's view current: what other replicas wrote, what has gone stale, what is over.</summary>
internal sealed class RegistrySync(ClusterRegistry registry, ClusterView view, ClusterMetrics metrics, TimeProvider time) : BackgroundService
{
    /// <summary>How far replicas may be behind each other.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    /// <summary>Passes between two bookmarks of watchers: 30 s.</summary>
    private const int PassesPerBookmark = 6;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var pass = 1; !stoppingToken.IsCancellationRequested; pass++)
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

            if (pass % PassesPerBookmark == 0)
            {
                view.Bookmark();
            }

            await Task.Delay(registry.HasSynced ? Interval : FirstRetry, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

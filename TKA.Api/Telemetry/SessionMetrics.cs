using TKA.Api.Sessions;

namespace TKA.Api.Telemetry;

/// <summary>Connects the gauge of live sessions to what the cache knows.</summary>
internal sealed class SessionMetrics(ApiMetrics metrics, SessionQuery query) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.ObserveSessions(query.CountByRole);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

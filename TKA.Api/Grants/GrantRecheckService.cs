using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.Telemetry;

namespace TKA.Api.Grants;

/// <summary>Runs <see cref="GrantRecheck"/> every <c>api.grantRecheck</c>.</summary>
internal sealed class GrantRecheckService(
    GrantRecheck recheck, IOptions<ApiOptions> options, TimeProvider time, ILogger<GrantRecheckService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.GrantRecheck, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RunAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            await recheck.RunAsync(stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.RecheckFailed(logger, exception.Message);
        }
    }
}

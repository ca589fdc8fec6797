using Microsoft.Extensions.Hosting;

namespace TKA.Kubernetes.Client;

/// <summary>Notices within seconds that the wall clock has jumped or the machine has slept, and asks the API server for the time. Costs no request otherwise.</summary>
internal sealed class ClusterTimeMonitor(KubernetesTransport transport, ClusterTime time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TrySettleAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    private async Task TrySettleAsync(CancellationToken cancellationToken)
    {
        try
        {
            await transport.SettleTimeAsync(cancellationToken);
        }
        catch (KubernetesRequestException)
        {
            // The next tick asks again; code that needs the time meanwhile asks by itself and sees the failure.
        }
    }
}

using Microsoft.Extensions.Hosting;
using TKA.Tailscale.LocalApi;

namespace TKA.Tailscale.Authentication;

/// <summary>
/// Forgets what is remembered of tailscaled the moment its state changes or it goes away, so that <c>tailscale down</c>
/// is followed at once. A shortcut and no more: changed grants are not on the bus, which is why identities also age.
/// </summary>
internal sealed class BackendWatch(ILocalApiClient localApi, BackendStatus backend, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var retry = FirstRetry;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // The initial state, because tailscaled may have become Running while there was no watch.
                await foreach (var notification in localApi.WatchIpnBusAsync(IpnBusEvents.InitialState, stoppingToken))
                {
                    retry = FirstRetry;
                    if (notification.State is not null)
                    {
                        backend.Forget();
                    }
                }
            }
            catch (LocalApiException)
            {
                // Requests notice by themselves that tailscaled is away, and say so.
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            backend.Forget();
            await Task.Delay(retry, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
        }
    }
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TKA.Tailscale.LocalApi;

namespace TKA.Tailscale.Serving;

/// <summary>
/// Refuses to serve health and metrics on loopback by default where tailscaled runs in userspace mode: it hands every port on loopback
/// to every peer of the tailnet. Whoever sets <c>management:address</c> has decided.
/// </summary>
internal sealed class ManagementExposure(
    ILocalApiClient localApi, IConfiguration configuration, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ManagementExposure> logger) : BackgroundService
{
    private const string Problem =
        "management.address is not set, so health and metrics are on 127.0.0.1, which every peer of the tailnet can reach because tailscaled runs in userspace mode. "
        + "Set it to the Pod's own address, or to 127.0.0.1 if peers may read them.";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    /// <exception cref="OptionsValidationException">tailscaled is there and runs in userspace mode.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (configuration["management:address"] is { Length: > 0 })
        {
            return;
        }

        switch (await IsUserspaceAsync(cancellationToken))
        {
            case true:
                throw new OptionsValidationException("management", typeof(TailnetListenerOptions), [Problem]);
            case null:
                await base.StartAsync(cancellationToken);
                break;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool? isUserspace;
        do
        {
            await Task.Delay(Interval, time, stoppingToken);
            isUserspace = await IsUserspaceAsync(stoppingToken);
        }
        while (isUserspace is null);

        if (isUserspace == true)
        {
            Log.ManagementExposed(logger, Problem);
            lifetime.StopApplication();
        }
    }

    /// <summary><see langword="null"/>: tailscaled does not answer yet.</summary>
    private async Task<bool?> IsUserspaceAsync(CancellationToken cancellationToken)
    {
        try
        {
            return !(await localApi.StatusAsync(peers: false, cancellationToken)).TUN;
        }
        catch (LocalApiException)
        {
            return null;
        }
    }
}

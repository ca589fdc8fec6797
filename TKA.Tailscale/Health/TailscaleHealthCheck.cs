using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using TKA.Tailscale.LocalApi;
using TKA.Tailscale.Serving;

namespace TKA.Tailscale.Health;

/// <summary>Ready when tailscaled runs, its node is online, and a certificate is there if one is needed.</summary>
internal sealed class TailscaleHealthCheck(
    ILocalApiClient localApi, TailscaleCertificateProvider certificates, IOptions<TailscaleOptions> options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        TailscaleStatus status;
        try
        {
            status = await localApi.StatusAsync(peers: false, cancellationToken);
        }
        catch (LocalApiException exception)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, exception.Message);
        }

        if (status.BackendState != TailscaleStatus.Running)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"tailscaled is in state {status.BackendState}.");
        }

        if (status.Self?.Online != true)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The node is not connected to the tailnet's control plane.");
        }

        if (options.Value.ServesTls && !certificates.IsReady)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "tailscaled has given no valid certificate yet.");
        }

        return await FindFunnelAsync(cancellationToken) is { } host
            ? HealthCheckResult.Degraded($"Funnel opens {host} to the internet; turn it off with: tailscale funnel reset")
            : HealthCheckResult.Healthy($"{status.Self.DNSName.TrimEnd('.')} is online.");
    }

    private async Task<string?> FindFunnelAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await localApi.ServeConfigAsync(cancellationToken))?.FunnelHosts().FirstOrDefault();
        }
        catch (LocalApiException)
        {
            // Requests through Funnel are refused one by one in any case.
            return null;
        }
    }
}

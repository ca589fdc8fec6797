using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using TKA.Tailscale.LocalApi;
using TKA.Tailscale.Serving;

namespace TKA.Tailscale.Health;

/// <summary>
/// Ready when tailscaled runs and a certificate is there if one is needed. Degraded while the node is away from the control plane:
/// people who are known sign in all the same, changed grants and new devices are not seen.
/// </summary>
internal sealed class TailscaleHealthCheck(
    ILocalApiClient localApi, TailscaleCertificateProvider certificates, IOptions<TailscaleOptions> options) : IHealthCheck
{
    private static readonly Version OldestSupported = new(1, 80);

    /// <inheritdoc/>
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

        if (options.Value.ServesTls && !certificates.IsReady)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"There is no valid certificate to serve: {certificates.Problem ?? "tailscaled has not given one yet."}");
        }

        if (!IsSupported(status.Version))
        {
            return HealthCheckResult.Degraded($"tailscaled {status.Version} is older than {OldestSupported}, the oldest version that TKA supports. Update it.");
        }

        if (status.Self?.Online != true)
        {
            return HealthCheckResult.Degraded("The node is not connected to the tailnet's control plane: changed grants and new devices are not seen.");
        }

        return await FindFunnelAsync(cancellationToken) is { } host
            ? HealthCheckResult.Degraded($"Funnel opens {host} to the internet; turn it off with: tailscale funnel reset")
            : HealthCheckResult.Healthy($"{status.Self.DNSName.TrimEnd('.')} is online.");
    }

    /// <summary>Sample: <c>1.96.4-t1e34e6f0c</c>. A version that cannot be read, as of a development build, is taken for a new one.</summary>
    private static bool IsSupported(string version) =>
        !Version.TryParse(version.Split('-', 2)[0], out var parsed) || parsed >= OldestSupported;

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

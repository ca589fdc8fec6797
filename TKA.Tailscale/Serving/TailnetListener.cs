using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TKA.Tailscale.LocalApi;

namespace TKA.Tailscale.Serving;

/// <summary>Adds the tailnet's endpoints to Kestrel just before it starts, when tailscaled has told the node's addresses.</summary>
internal sealed class TailnetListener(
    IOptions<KestrelServerOptions> kestrel,
    IOptions<TailnetListenerOptions> listener,
    IOptions<TailscaleOptions> tailscale,
    ILocalApiClient localApi,
    TailscaleCertificateProvider certificates,
    TimeProvider time,
    ILogger<TailnetListener> logger) : IHostedLifecycleService
{
    private static readonly TimeSpan AddressPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AddressInterval = TimeSpan.FromSeconds(1);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var port = listener.Value.Port ?? tailscale.Value.Port;
        foreach (var address in await AddressesAsync(cancellationToken))
        {
            kestrel.Value.Listen(address, port, Configure);
            Log.Listening(logger, new IPEndPoint(address, port).ToString());
        }

        if (listener.Value.ServeSocket is { Length: > 0 } path)
        {
            // Left behind by a process that did not end in order. Two live ones cannot be told from here; they would also
            // share the port above, which fails.
            File.Delete(path);
            kestrel.Value.ListenUnixSocket(path, options => options.UseServeIdentity());
            Log.Listening(logger, path);
        }

        if (listener.Value.ServeAddress is { Length: > 0 } target)
        {
            kestrel.Value.Listen(IPEndPoint.Parse(target), options => options.UseServeIdentity());
            Log.Listening(logger, target);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (listener.Value.ServeSocket is { Length: > 0 } path && !OperatingSystem.IsWindows())
        {
            // A second lock: whoever gets in before it is closed is still asked for its user id.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        try
        {
            var config = await localApi.ServeConfigAsync(cancellationToken);
            foreach (var host in config?.FunnelHosts() ?? [])
            {
                Log.FunnelOpen(logger, host);
            }
        }
        catch (LocalApiException)
        {
            // Only a warning is lost: Funnel requests are refused one by one in any case, and readiness says that tailscaled is away.
        }
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Configure(ListenOptions options)
    {
        options.UseTailnetIdentity();
        if (tailscale.Value.ServesTls)
        {
            options.UseHttps(certificates.Tls);
        }
    }

    private async Task<IReadOnlyList<IPAddress>> AddressesAsync(CancellationToken cancellationToken)
    {
        if (listener.Value.Address != TailnetListenerOptions.Tailnet)
        {
            return [IPAddress.Parse(listener.Value.Address)];
        }

        var started = time.GetTimestamp();
        while (true)
        {
            var (addresses, problem) = await AskAsync(cancellationToken);
            if (addresses is not null)
            {
                return addresses;
            }

            if (time.GetElapsedTime(started) > AddressPatience)
            {
                throw new InvalidOperationException($"server.address is \"tailnet\", but tailscaled tells no address: {problem}");
            }

            Log.WaitingForAddresses(logger, problem!);
            await Task.Delay(AddressInterval, time, cancellationToken);
        }
    }

    private async Task<(IReadOnlyList<IPAddress>? Addresses, string? Problem)> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var status = await localApi.StatusAsync(peers: false, cancellationToken);
            if (status.BackendState != TailscaleStatus.Running)
            {
                return (null, $"its state is {status.BackendState}.");
            }

            // In userspace networking no socket can have a tailnet address: connections arrive on loopback.
            return status.TUN
                ? ([.. (status.TailscaleIPs ?? []).Select(IPAddress.Parse)], null)
                : ([IPAddress.Loopback], null);
        }
        catch (LocalApiException exception)
        {
            return (null, exception.Message);
        }
    }
}

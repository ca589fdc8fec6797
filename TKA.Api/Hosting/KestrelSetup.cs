using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.ServiceDefaults.Http;

namespace TKA.Api.Hosting;

/// <summary>Limits of the HTTP server. Where it listens is TKA.Tailscale's business.</summary>
internal sealed class KestrelSetup(IOptions<ServerOptions> server) : IConfigureOptions<KestrelServerOptions>
{
    private const int MaxHeadersTotalSize = 16 * 1024;
    private const int MaxHeaderCount = 64;

    // Slower than this is no slow network but somebody holding connections.
    private const double MinBytesPerSecond = 240;

    public void Configure(KestrelServerOptions options)
    {
        var settings = server.Value;
        options.AddServerHeader = false;
        options.Limits.MaxConcurrentConnections = settings.MaxConnections;
        options.Limits.MaxConcurrentUpgradedConnections = 0;
        options.Limits.MaxRequestBodySize = settings.MaxRequestBodySize;
        options.Limits.MaxRequestHeadersTotalSize = MaxHeadersTotalSize;
        options.Limits.MaxRequestHeaderCount = MaxHeaderCount;
        options.Limits.RequestHeadersTimeout = settings.ReadHeaderTimeout;
        options.Limits.KeepAliveTimeout = settings.IdleTimeout;
        options.Limits.MinRequestBodyDataRate = new MinDataRate(MinBytesPerSecond, Grace(settings.ReadTimeout));
        options.Limits.MinResponseDataRate = new MinDataRate(MinBytesPerSecond, Grace(settings.WriteTimeout));
        options.Limits.Http2.MaxStreamsPerConnection = 100;
        options.ConfigureEndpointDefaults(listener => listener.Use(new SilentConnections(settings.ReadHeaderTimeout).Wrap));
    }

    // Kestrel asks for more than its one-second heartbeat.
    private static TimeSpan Grace(TimeSpan timeout) => timeout > TimeSpan.FromSeconds(2) ? timeout : TimeSpan.FromSeconds(2);
}

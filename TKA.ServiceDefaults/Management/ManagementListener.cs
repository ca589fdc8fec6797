using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace TKA.ServiceDefaults.Management;

/// <summary>The listener for health and metrics.</summary>
public sealed class ManagementListener
{
    private ListenOptions? _listen;

    internal ManagementListener()
    {
    }

    /// <summary>Base address after start, with the port that was bound when <c>management:port</c> is 0.</summary>
    /// <exception cref="InvalidOperationException">The service has not started.</exception>
    public Uri Uri => _listen?.EndPoint is IPEndPoint bound
        ? new Uri($"http://{bound}")
        : throw new InvalidOperationException("The service has not started.");

    /// <summary>The pipeline behind the listener; set by <c>MapManagementEndpoints</c>.</summary>
    internal Action<IApplicationBuilder> Pipeline { get; set; } = static _ => { };

    internal void Listen(KestrelServerOptions kestrel, ManagementOptions options) =>
        kestrel.Listen(options.Address, options.Port, listen =>
        {
            _listen = listen;
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(Mark);
        });

    private static ConnectionDelegate Mark(ConnectionDelegate next) => connection =>
    {
        connection.Features.Set<IManagementConnectionFeature>(ManagementConnectionFeature.Instance);
        return next(connection);
    };
}

using System.Net;
using System.Net.Sockets;
using TKA.Api.Configuration;
using TKA.Tailscale.LocalApi;

namespace TKA.Api.Registration;

/// <summary>How the API reaches the orchestrator.</summary>
internal static class OrchestratorConnection
{
    /// <summary>
    /// A handler that connects from <c>orchestrator.sourceAddress</c> or through <c>orchestrator.proxy</c> when those are set, through
    /// tailscaled where the tailnet is no network interface of this machine, and directly otherwise.
    /// </summary>
    public static SocketsHttpHandler CreateHandler(OrchestratorOptions options, ILocalApiClient localApi)
    {
        var handler = new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            UseProxy = options.Proxy.Length > 0,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        if (options.Proxy.Length > 0)
        {
            handler.Proxy = new WebProxy(options.Proxy);
        }
        else if (options.SourceAddress.Length > 0)
        {
            var source = IPAddress.Parse(options.SourceAddress);
            handler.ConnectCallback = (context, token) => ConnectAsync(source, context.DnsEndPoint, token);
        }
        else if (!new Uri(options.Url).IsLoopback)
        {
            handler.ConnectCallback = async (context, token) =>
                (await localApi.StatusAsync(peers: false, token)).TUN
                    ? await ConnectAsync(null, context.DnsEndPoint, token)
                    : await localApi.DialAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, token);
        }

        return handler;
    }

    private static async ValueTask<Stream> ConnectAsync(IPAddress? source, DnsEndPoint target, CancellationToken cancellationToken)
    {
        var socket = source is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(source.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (source is not null)
            {
                socket.Bind(new IPEndPoint(source, 0));
            }

            await socket.ConnectAsync(target, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

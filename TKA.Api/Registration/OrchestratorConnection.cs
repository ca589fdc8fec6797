using System.Net;
using TKA.Api.Configuration;
using TKA.Contracts;
using TKA.Tailscale.LocalApi;

namespace TKA.Api.Registration;

/// <summary>How the API reaches the orchestrator.</summary>
internal static class OrchestratorConnection
{
    /// <summary>
    /// A handler that connects from <c>orchestrator.sourceAddress</c> or through <c>orchestrator.proxy</c> when those are set, through
    /// tailscaled where the tailnet is no network interface of this machine, and directly otherwise.
    /// </summary>
    public static SocketsHttpHandler CreateHandler(RegistrationOptions options, ILocalApiClient localApi)
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
            handler.ConnectCallback = (context, token) => SourceConnection.OpenAsync(source, context.DnsEndPoint, token);
        }
        else if (!new Uri(options.Url).IsLoopback)
        {
            handler.ConnectCallback = async (context, token) =>
                (await localApi.StatusAsync(peers: false, token)).TUN
                    ? await SourceConnection.OpenAsync(null, context.DnsEndPoint, token)
                    : await localApi.DialAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, token);
        }

        return handler;
    }
}

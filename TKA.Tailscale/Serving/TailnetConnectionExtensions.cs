using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TKA.Tailscale.Authentication;

namespace TKA.Tailscale.Serving;

/// <summary>Makes a Kestrel listener a tailnet listener.</summary>
public static class TailnetConnectionExtensions
{
    /// <summary>
    /// Captures each accepted socket's remote endpoint for identity. Call it first, before TLS or anything that could
    /// replace the endpoint. Requests from listeners without it are refused as not from the tailnet.
    /// </summary>
    public static ListenOptions UseTailnetIdentity(this ListenOptions listener)
    {
        var services = listener.ApplicationServices;
        var resolver = services.GetRequiredService<ITailscaleIdentityResolver>();
        var backend = services.GetRequiredService<BackendStatus>();
        var time = services.GetRequiredService<TimeProvider>();
        var lifetime = services.GetRequiredService<IOptions<TailscaleOptions>>().Value.WhoIsCache;
        listener.Use(next => connection =>
        {
            if (connection.RemoteEndPoint is IPEndPoint remote)
            {
                connection.Features.Set<ITailnetConnectionFeature>(
                    new TailnetConnection(Unmap(remote), resolver, backend, time, lifetime));
            }

            return next(connection);
        });
        return listener;
    }

    private static IPEndPoint Unmap(IPEndPoint remote) =>
        remote.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(remote.Address.MapToIPv4(), remote.Port) : remote;
}

using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.Tailscale.Authentication;

namespace TKA.Tailscale.Serving;

/// <summary>Makes a listener a target for <c>tailscale serve</c>.</summary>
internal static class ServeTargetExtensions
{
    /// <summary>Lets tailscaled's own user in, whose headers are to be believed, and closes every other connection.</summary>
    public static ListenOptions UseServeIdentity(this ListenOptions listener)
    {
        var services = listener.ApplicationServices;
        var resolver = services.GetRequiredService<ITailscaleIdentityResolver>();
        var tailscaled = services.GetRequiredService<TailscaledUser>();
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger<TailnetListener>();
        listener.Use(next => async connection =>
        {
            var uid = await UidOfPeerAsync(connection);
            var expected = await tailscaled.FindAsync(connection.ConnectionClosed);
            if (uid is null || uid != expected)
            {
                Log.NotTailscaled(logger, uid, expected);
                connection.Abort(new ConnectionAbortedException("Only tailscaled may connect here."));
                return;
            }

            connection.Features.Set(new ServeConnection(resolver));
            await next(connection);
        });
        return listener;
    }

    private static async ValueTask<uint?> UidOfPeerAsync(ConnectionContext connection) => connection switch
    {
        { RemoteEndPoint: IPEndPoint remote, LocalEndPoint: IPEndPoint local } => await ConnectionOwner.UidOfAsync(remote, local, connection.ConnectionClosed),
        _ => connection.Features.Get<IConnectionSocketFeature>()?.Socket is { AddressFamily: AddressFamily.Unix } socket ? PeerCredentials.UidOf(socket) : null,
    };
}

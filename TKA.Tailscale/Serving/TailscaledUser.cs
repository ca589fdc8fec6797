using System.Net.Sockets;
using Microsoft.Extensions.Options;
using TKA.Tailscale.LocalApi;

namespace TKA.Tailscale.Serving;

/// <summary>The user that tailscaled runs as, read from its own socket.</summary>
internal class TailscaledUser(IOptions<TailscaleOptions> options)
{
    /// <returns><see langword="null"/> while tailscaled is not there, and where the system does not tell.</returns>
    public virtual async ValueTask<uint?> FindAsync(CancellationToken cancellationToken)
    {
        var path = string.IsNullOrEmpty(options.Value.Socket) ? LocalApiSocket.DefaultPath : options.Value.Socket;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return PeerCredentials.UidOf(socket);
        }
        catch (SocketException)
        {
            return null;
        }
    }
}

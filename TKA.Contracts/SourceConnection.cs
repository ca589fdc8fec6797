using System.Net;
using System.Net.Sockets;

namespace TKA.Contracts;

/// <summary>TCP connections from a chosen local address. The tailnet knows a caller by that address.</summary>
public static class SourceConnection
{
    /// <summary>Opens a connection.</summary>
    /// <param name="source">Local address to connect from, which also decides between IPv4 and IPv6; null: the system's choice.</param>
    /// <param name="target">Host name or address, and port.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    /// <returns>A stream that owns its socket.</returns>
    /// <exception cref="SocketException">The name does not resolve, the source is no address of this machine, or the target refuses or does not answer.</exception>
    public static async ValueTask<Stream> OpenAsync(IPAddress? source, DnsEndPoint target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var socket = source is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(source.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (source is null)
            {
                await socket.ConnectAsync(target.Host, target.Port, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                socket.Bind(new IPEndPoint(source, 0));
                var addresses = await Dns.GetHostAddressesAsync(target.Host, source.AddressFamily, cancellationToken).ConfigureAwait(false);
                await socket.ConnectAsync(addresses, target.Port, cancellationToken).ConfigureAwait(false);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

using System.Globalization;
using System.Net;
using TKA.Tailscale.Serving;

namespace TKA.Tailscale.Authentication;

/// <summary>
/// Tells tailscaled's own connections from those of other programs of the Pod. In userspace networking both come from 127.0.0.1,
/// but the kernel knows which user owns each socket. The answer only decides whose share of WhoIs questions a connection uses;
/// the identity of the peer comes from WhoIs alone.
/// </summary>
internal class ConnectionOwner(TailscaledUser tailscaled)
{
    private const string MappedPrefix = "0000000000000000FFFF0000";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Whether the other end of a loopback connection is a socket of tailscaled's user.</summary>
    public virtual async ValueTask<bool> IsTailscaledAsync(IPEndPoint remote, CancellationToken cancellationToken) =>
        remote.Address.Equals(IPAddress.Loopback)
        && OperatingSystem.IsLinux()
        && await UidOfAsync(remote, null, cancellationToken) is { } uid
        && uid == await tailscaled.FindAsync(cancellationToken);

    /// <summary>User id of the process that has a socket bound to an address of this machine, and connected to another one when that is given.</summary>
    internal static async ValueTask<uint?> UidOfAsync(IPEndPoint local, IPEndPoint? connectedTo, CancellationToken cancellationToken)
    {
        foreach (var table in Tables)
        {
            try
            {
                await foreach (var line in File.ReadLinesAsync(table, cancellationToken))
                {
                    if (UidIn(line, local, connectedTo) is { } uid)
                    {
                        return uid;
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The table cannot be read here; the connection is then treated like any other.
            }
        }

        return null;
    }

    /// <summary>
    /// Reads a line like <c>0: 0100007F:A3C4 0100007F:01BB 01 00000000:00000000 00:00000000 00000000  1654        0 …</c>:
    /// number, local address (in the machine's byte order) and port, remote, state, queues, timer, retransmits, uid. A socket for
    /// both families has the address mapped: <c>0000000000000000FFFF00000100007F</c>.
    /// </summary>
    internal static uint? UidIn(string line, IPEndPoint local, IPEndPoint? connectedTo = null)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length >= 8
            && IsAt(fields[1], local)
            && (connectedTo is null || IsAt(fields[2], connectedTo))
            && uint.TryParse(fields[7], NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
                ? uid
                : null;
    }

    private static bool IsAt(string field, IPEndPoint endpoint)
    {
        if (field.Split(':') is not [var address, var port])
        {
            return false;
        }

        if (address.StartsWith(MappedPrefix, StringComparison.Ordinal))
        {
            address = address[MappedPrefix.Length..];
        }

        return address.Length == 8
            && uint.TryParse(address, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var ip)
            && ushort.TryParse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number)
            && number == endpoint.Port
            && ip == BitConverter.ToUInt32(endpoint.Address.GetAddressBytes());
    }
}

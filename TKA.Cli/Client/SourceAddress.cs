using System.Net;
using System.Net.Sockets;
using TKA.Cli.Errors;

namespace TKA.Cli.Client;

/// <summary>
/// Connections from a chosen local address. The server knows people by the address they come from; on one machine
/// <c>TKA_DEV_SOURCE=127.0.0.2</c> makes this process the device that the embedded tailnet gives that address.
/// </summary>
internal static class SourceAddress
{
    /// <summary>Variable that names the address.</summary>
    public const string Variable = "TKA_DEV_SOURCE";

    /// <summary>The address to connect from, or null for the system's choice.</summary>
    /// <exception cref="CliException">The variable holds no IP address.</exception>
    public static IPAddress? FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } value)
        {
            return null;
        }

        return IPAddress.TryParse(value, out var address)
            ? address
            : throw new CliException(
                ErrorCodes.SourceAddressInvalid,
                ExitCode.Usage,
                $"{Variable} is '{value}', which is no IP address.",
                [$"Set it to an address of this machine, like 127.0.0.2, or unset it."]);
    }

    /// <summary>Opens a connection from <paramref name="source"/>.</summary>
    public static async ValueTask<Stream> ConnectAsync(IPAddress source, DnsEndPoint target, CancellationToken cancellation)
    {
        var socket = new Socket(source.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(source, 0));
            var addresses = await Dns.GetHostAddressesAsync(target.Host, source.AddressFamily, cancellation);
            await socket.ConnectAsync(addresses, target.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

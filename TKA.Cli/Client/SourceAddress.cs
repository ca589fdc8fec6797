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

    /// <summary>Opens a connection.</summary>
    /// <param name="source">Local address to connect from; null: the system's choice.</param>
    /// <param name="target">Where to.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    public static async ValueTask<Stream> OpenAsync(IPAddress? source, DnsEndPoint target, CancellationToken cancellationToken)
    {
        var socket = source is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(source.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (source is null)
            {
                await socket.ConnectAsync(target.Host, target.Port, cancellationToken);
            }
            else
            {
                socket.Bind(new IPEndPoint(source, 0));
                await socket.ConnectAsync(await Dns.GetHostAddressesAsync(target.Host, source.AddressFamily, cancellationToken), target.Port, cancellationToken);
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

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TKA.Benchmarks.Api;

/// <summary>
/// HTTP/1.1 on one connection of a person's device, and no more than that: what is measured is the server, as any load generator
/// measures it, and a client library would be a fifth of the figure.
/// </summary>
internal sealed class Connection : IDisposable
{
    // Of Linux: IPPROTO_IP and IP_BIND_ADDRESS_NO_PORT, ip(7).
    private const int IpLevel = 0;
    private const int BindAddressNoPort = 24;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly string _host;

    private Connection(Socket socket, string host) => (_socket, _host) = (socket, host);

    /// <summary>Connects from a device's address.</summary>
    public static async Task<Connection> OpenAsync(IPAddress source, Uri server)
    {
        var socket = Socket(source);
        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        return new Connection(socket, server.Authority);
    }

    /// <summary>A socket at a device's address.</summary>
    public static Socket Socket(IPAddress source)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        // The port is chosen when the socket connects, as without a bind: chosen before, it must be free of every connection that
        // has been closed in the last minute, and looking for one costs more than a login.
        socket.SetRawSocketOption(IpLevel, BindAddressNoPort, [1, 0, 0, 0]);
        socket.Bind(new IPEndPoint(source, 0));
        return socket;
    }

    /// <summary>Sends a request without a body and reads the whole answer.</summary>
    /// <param name="request">Method and path.</param>
    /// <param name="headers">Header lines, each with its line end.</param>
    /// <param name="expected">The status it must have.</param>
    public async Task SendAsync(string request, string headers, HttpStatusCode expected)
    {
        await _socket.SendAsync(Encoding.ASCII.GetBytes($"{request} HTTP/1.1\r\nHost: {_host}\r\nContent-Length: 0\r\n{headers}\r\n"));
        var count = 0;
        while (!IsComplete(_buffer.AsSpan(0, count)))
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(count));
            if (read == 0)
            {
                throw new InvalidOperationException($"{request}: the connection ended, or the answer is longer than {_buffer.Length} bytes.");
            }

            count += read;
        }

        var answer = _buffer.AsSpan(0, count);
        if (int.Parse(answer.Slice("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture) != (int)expected)
        {
            throw new InvalidOperationException($"{request}: {Encoding.UTF8.GetString(answer)}");
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsComplete(ReadOnlySpan<byte> answer)
    {
        if (answer.IndexOf("\r\n\r\n"u8) is var end && end < 0)
        {
            return false;
        }

        var body = answer[(end + 4)..];
        var lengthHeader = "\r\nContent-Length: "u8;
        var at = answer[..end].IndexOf(lengthHeader);
        if (at < 0)
        {
            return body.EndsWith("0\r\n\r\n"u8);
        }

        var length = answer[(at + lengthHeader.Length)..];
        return body.Length >= int.Parse(length[..length.IndexOf("\r\n"u8)], CultureInfo.InvariantCulture);
    }
}

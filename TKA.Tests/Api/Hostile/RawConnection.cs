using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TKA.Tests.Api.Hostile;

/// <summary>A socket to the API from alice's device, for what no HTTP client would send.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationToken _cancel;

    private RawConnection(CancellationToken cancellationToken) => _cancel = cancellationToken;

    public static async Task<RawConnection> OpenAsync(Uri server, CancellationToken cancellationToken)
    {
        var connection = new RawConnection(cancellationToken);
        connection._socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await connection._socket.ConnectAsync(IPAddress.Loopback, server.Port, cancellationToken);
        return connection;
    }

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.Latin1.GetBytes(text), _cancel);

    /// <summary>All that comes until the server closes, or a whole problem document.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        var text = new StringBuilder();
        var buffer = new byte[8192];
        try
        {
            while (await _socket.ReceiveAsync(buffer, limit.Token) is var count and > 0)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
                if (text[^1] == '}' && text.ToString().Contains("HTTP/1.1 4", StringComparison.Ordinal))
                {
                    break;
                }
            }
        }
        catch (SocketException)
        {
            // Reset: what arrived before counts.
        }

        return text.ToString();
    }

    public void Dispose() => _socket.Dispose();
}

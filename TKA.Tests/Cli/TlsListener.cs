using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace TKA.Tests.Cli;

/// <summary>A port that answers every connection in one way, TLS or not, until it is disposed.</summary>
internal sealed class TlsListener : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private readonly Func<NetworkStream, CancellationToken, Task> _answer;

    /// <summary>Speaks TLS with a certificate, and closes the connection of who does not.</summary>
    public TlsListener(X509Certificate2 certificate)
        : this(async (stream, cancellation) =>
        {
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancellation);
        })
    {
    }

    /// <summary>Answers whatever it is told to.</summary>
    public TlsListener(Func<NetworkStream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _loop = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Answers TLS like <see cref="TlsListener(X509Certificate2)"/>, and anything else with a text, as the TLS servers of Go and nginx do.</summary>
    public static TlsListener ExplainsItself(X509Certificate2 certificate, string text) => new(async (stream, cancellation) =>
    {
        var first = new byte[1];
        await stream.Socket.ReceiveAsync(first, SocketFlags.Peek, cancellation);

        // 22 begins a TLS handshake.
        if (first[0] == 22)
        {
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancellation);
        }
        else
        {
            await stream.ReadExactlyAsync(first, cancellation);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(text), cancellation);
            await stream.Socket.DisconnectAsync(reuseSocket: false, cancellation);
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                try
                {
                    await _answer(client.GetStream(), _stop.Token);
                }
                catch (Exception exception) when (exception is IOException or AuthenticationException or SocketException)
                {
                    // The client went away, as it should.
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }
}

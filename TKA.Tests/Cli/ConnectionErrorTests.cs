using System.Net;
using System.Net.Sockets;
using TKA.Cli;
using TKA.Cli.Client;
using TKA.Cli.Errors;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>Connections that break where it is least expected.</summary>
public sealed class ConnectionErrorTests
{
    [Fact]
    public async Task A_connection_reset_as_soon_as_it_stands_is_a_lost_connection_every_time()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var accepting = ResetAsync(listener, cancellationToken);
        var server = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        using var transport = new HttpTransport(server, TimeProvider.System, debug: false, source: null);

        // Which of the client's steps meets the reset is a matter of luck; one of them is a bare SocketException in .NET.
        for (var round = 0; round < 200; round++)
        {
            var error = await Assert.ThrowsAsync<CliException>(() => transport.SendAsync(HttpMethod.Get, "/", cancellationToken: cancellationToken));

            Assert.Equal(ErrorCodes.ServerBroken, error.Code);
            Assert.Equal(ExitCode.Unreachable, error.ExitCode);
        }

        listener.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => accepting);
    }

    private static async Task ResetAsync(TcpListener listener, CancellationToken cancellationToken)
    {
        while (true)
        {
            var client = await listener.AcceptSocketAsync(cancellationToken);
            client.LingerState = new LingerOption(true, 0);
            client.Dispose();
        }
    }
}

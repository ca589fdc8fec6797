using System.Net;
using System.Net.Sockets;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Hostile;

/// <summary>Ten thousand connections that say nothing.</summary>
[Collection(AloneCollection.Name)]
public class ManyConnectionsTests
{
    private const int Connections = 10_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_silent_connections_keep_nobody_out_and_go_away()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions
        {
            Operator = false,
            ApiSettings = new Dictionary<string, string?> { ["server:readHeaderTimeout"] = "3s" },
        });
        var sockets = new List<Socket>(Connections);
        try
        {
            for (var i = 0; i < Connections; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, stack.ApiUri.Port, Cancel);
                if (i % 1000 == 0)
                {
                    (await stack.From("127.0.0.2").GetAsync(ApiRoutes.Access, wait: null)).Expect(200);
                }
            }

            (await stack.From("127.0.0.1").LoginAsync()).Expect(202);
            await Poll.UntilAsync(() => sockets.All(IsClosed), TimeSpan.FromSeconds(30), Cancel);
            (await stack.From("127.0.0.1").GetAsync(ApiRoutes.Access, wait: null)).Expect(200);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets)
        {
            Assert.Skip("This machine allows too few open files for the test.");
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    // Readable with nothing to read: the other side closed.
    private static bool IsClosed(Socket socket) => socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
}

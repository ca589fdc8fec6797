using System.Net;
using System.Net.Sockets;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Hostile;

/// <summary>Ten thousand connections that say nothing, to the API as its own process.</summary>
[Collection(Alone.Name)]
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
        await using var api = await ApiProcess.StartAsync(stack, Cancel);
        using var alice = TestTailnet.ClientFrom("127.0.0.1", api.Uri);
        using var bob = TestTailnet.ClientFrom("127.0.0.2", api.Uri);
        var sockets = new List<Socket>(Connections);
        try
        {
            for (var i = 0; i < Connections; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, api.Uri.Port, Cancel);
                if (i % 1000 == 0)
                {
                    (await bob.GetAsync(ApiRoutes.Access, wait: null)).Expect(200);
                }
            }

            (await alice.LoginAsync()).Expect(202);
            await Eventually.TrueAsync(() => sockets.All(IsClosed));
            (await alice.GetAsync(ApiRoutes.Access, wait: null)).Expect(200);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    // Readable with nothing to read: the other side closed.
    private static bool IsClosed(Socket socket) => socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
}

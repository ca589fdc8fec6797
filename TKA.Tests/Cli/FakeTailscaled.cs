using System.Net.Sockets;
using System.Text;

namespace TKA.Tests.Cli;

/// <summary>The status of a tailscaled whose device changes hands, on a unix socket.</summary>
internal sealed class FakeTailscaled : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private FakeTailscaled(string socket)
    {
        Socket = socket;
        _listener.Bind(new UnixDomainSocketEndPoint(socket));
        _listener.Listen();
        _running = RunAsync();
    }

    public string Socket { get; }

    public int UserId { get; set; } = 1001;

    /// <summary>null: connections are accepted and never answered.</summary>
    public string? State { get; set; } = "Running";

    public static FakeTailscaled Start(string socket) => new(socket);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var silent = new List<Socket>();
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptAsync(_stop.Token);
                if (State is null)
                {
                    silent.Add(connection);
                    continue;
                }

                using (connection)
                {
                    await connection.ReceiveAsync(new byte[4096], _stop.Token);
                    var body = $$$"""{"BackendState":"{{{State}}}","Self":{"ID":"nLaptop1CNTRL","UserID":{{{UserId}}}}}""";
                    await connection.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{body}"), _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            silent.ForEach(connection => connection.Dispose());
        }
    }
}

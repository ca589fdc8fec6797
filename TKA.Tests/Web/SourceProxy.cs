using System.Net;
using System.Net.Sockets;

namespace TKA.Tests.Web;

/// <summary>
/// A browser cannot choose the address it connects from. It uses this as its HTTP proxy: each connection is dialled on to the server
/// from the loopback address of one device, byte for byte. Servers take a proxy's request form as well.
/// </summary>
internal sealed class SourceProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPAddress _source;
    private readonly IPEndPoint _server;
    private readonly Task _accepting;

    public SourceProxy(string source, Uri server)
    {
        _source = IPAddress.Parse(source);
        _server = new IPEndPoint(IPAddress.Loopback, server.Port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ForwardAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ForwardAsync(Socket browser)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (browser)
        {
            try
            {
                server.Bind(new IPEndPoint(_source, 0));
                await server.ConnectAsync(_server, _stop.Token);
                await using var one = new NetworkStream(browser);
                await using var other = new NetworkStream(server);

                // Either side's end ends both: browsers and servers close whole connections.
                await Task.WhenAny(one.CopyToAsync(other, _stop.Token), other.CopyToAsync(one, _stop.Token));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // The browser sees that its connection ended.
            }
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TKA.Tests.Cli;

/// <summary>An HTTP proxy that connects to one port of this machine, whatever it is asked for, as tailscaled's would to a node.</summary>
internal sealed class ConnectProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Task _loop;

    public ConnectProxy(int target)
    {
        _target = target;
        _listener.Start();
        _loop = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>A host and port that is never connected.</summary>
    public string? Silent { get; set; }

    /// <summary>Hosts and ports that were asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var tunnels = new List<Task>();
        try
        {
            while (true)
            {
                tunnels.Add(TunnelAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(tunnels);
        }
    }

    private async Task TunnelAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var buffer = new byte[4096];
                var request = Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer, _stop.Token));
                Asked.Enqueue(request.Split(' ')[1]);
                if (request.Split(' ')[1] == Silent)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
                }

                using var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
                await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), _stop.Token);
                await Task.WhenAny(stream.CopyToAsync(server.GetStream(), _stop.Token), server.GetStream().CopyToAsync(stream, _stop.Token));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // One of both has ended.
            }
        }
    }
}

/// <summary>tailscaled's socket with one answer: its status.</summary>
internal sealed class FakeStatus : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeStatus(WebApplication app, string socket) => (_app, Socket) = (app, socket);

    public string Socket { get; }

    public static async Task<FakeStatus> StartAsync(string socket, string status)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket));
        var app = builder.Build();
        app.MapGet("/localapi/v0/status", () => Results.Text(status, "application/json"));
        await app.StartAsync();
        return new FakeStatus(app, socket);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

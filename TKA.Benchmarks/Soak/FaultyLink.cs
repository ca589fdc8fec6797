using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace TKA.Benchmarks.Soak;

/// <summary>A TCP connection's way between two components, which can be slow, stall, break, or lead nowhere. Does not look into what passes.</summary>
internal sealed class FaultyLink : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, bool> _sockets = [];
    private readonly CancellationTokenSource _stop = new();
    private long _latency;
    private Task _open = Task.CompletedTask;

    public FaultyLink(string name, Uri target)
    {
        Name = name;
        Target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Name { get; }

    /// <summary>Where it leads to; may change.</summary>
    public Uri Target { get; set; }

    /// <summary>Address to give to the component that asks.</summary>
    public Uri Uri => new($"{Target.Scheme}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>How much later an answer arrives than it was sent.</summary>
    public TimeSpan Latency
    {
        get => new(Volatile.Read(ref _latency));
        set => Volatile.Write(ref _latency, value.Ticks);
    }

    /// <summary>New connections are refused.</summary>
    public bool IsDown { get; set; }

    /// <summary>Resets all connections.</summary>
    public void Reset()
    {
        foreach (var socket in _sockets.Keys)
        {
            Reset(socket);
        }
    }

    /// <summary>Nothing passes for a while, in either direction; nothing gets lost.</summary>
    public void Stall(TimeSpan time) => Volatile.Write(ref _open, Task.Delay(time, TimeProvider.System));

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        Reset();
        _stop.Dispose();
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has just been closed.
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = RunAsync(await _listener.AcceptSocketAsync(_stop.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is disposed.
        }
    }

    private async Task RunAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        _sockets[client] = _sockets[server] = true;
        try
        {
            if (IsDown)
            {
                Reset(client);
                return;
            }

            await server.ConnectAsync(IPAddress.Parse(Target.Host), Target.Port, _stop.Token);
            await Task.WhenAny(PumpAsync(client, server, late: false), PumpAsync(server, client, late: true));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Broken, as a connection may be.
        }
        finally
        {
            _sockets.TryRemove(client, out _);
            _sockets.TryRemove(server, out _);
            client.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool late)
    {
        var pieces = Channel.CreateBounded<(byte[] Bytes, long Arrived)>(64);
        var sending = SendAsync();
        var buffer = new byte[32 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is var count and > 0)
            {
                await pieces.Writer.WriteAsync((buffer[..count], Stopwatch.GetTimestamp()));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Ends below.
        }

        pieces.Writer.TryComplete();
        await sending;

        async Task SendAsync()
        {
            try
            {
                await foreach (var (bytes, arrived) in pieces.Reader.ReadAllAsync())
                {
                    var remaining = late ? Latency - Stopwatch.GetElapsedTime(arrived) : TimeSpan.Zero;
                    await (remaining > TimeSpan.Zero ? Task.Delay(remaining, TimeProvider.System) : Task.CompletedTask);
                    await Volatile.Read(ref _open);
                    for (var sent = 0; sent < bytes.Length; sent += await to.SendAsync(bytes.AsMemory(sent)))
                    {
                    }
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The other direction ends with it.
            }

            // Nothing more is taken in.
            from.Dispose();
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace TKA.Tests.Infrastructure;

/// <summary>
/// A TCP relay in front of a server, whose connections a test can refuse, cut or freeze. Faults are real ones: resets and
/// silence on sockets, not exceptions of a fake.
/// </summary>
public sealed class FaultyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<Socket> _open = [];
    private readonly Task _accepting;
    private TaskCompletionSource _thawed = Completed();
    private bool _refusing;
    private TaskCompletionSource _openThawed = Completed();
    private int _frozenUpTo;
    private int _accepted;

    public FaultyProxy(Uri target)
    {
        Target = target;
        _listener.Start();
        Uri = new UriBuilder(target) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
        _accepting = AcceptAsync();
    }

    /// <summary>Where connections go; may be changed when the server comes back elsewhere.</summary>
    public Uri Target { get; set; }

    /// <summary>Address of the relay, with the target's scheme.</summary>
    public Uri Uri { get; }

    /// <summary>Connections accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Resets what is open and everything that comes: the server is gone.</summary>
    public void Refuse()
    {
        lock (_gate)
        {
            _refusing = true;
        }

        Cut();
    }

    /// <summary>Resets what is open; new connections work.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            foreach (var socket in _open)
            {
                socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
            }

            _open.Clear();
        }
    }

    /// <summary>Passes nothing on any more, in either direction: the network swallows everything.</summary>
    public void Freeze()
    {
        lock (_gate)
        {
            _thawed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Passes nothing on any more for the connections there are; new ones work: one of several servers behind an address is frozen.</summary>
    public void FreezeOpen()
    {
        lock (_gate)
        {
            _frozenUpTo = _accepted;
            _openThawed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Ends all faults.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _refusing = false;
            _thawed.TrySetResult();
            _openThawed.TrySetResult();
            _frozenUpTo = 0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Resume();
        Cut();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var client = await _listener.AcceptSocketAsync(_stop.Token);
            var number = Interlocked.Increment(ref _accepted);
            lock (_gate)
            {
                if (_refusing)
                {
                    client.LingerState = new LingerOption(true, 0);
                    client.Dispose();
                    continue;
                }

                _open.Add(client);
            }

            _ = RelayAsync(client, number);
        }
    }

    private async Task RelayAsync(Socket client, int number)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, Target.Port, _stop.Token);
            lock (_gate)
            {
                _open.Add(server);
            }

            await Task.WhenAny(CopyAsync(client, server, number), CopyAsync(server, client, number));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The ends are closed below; the peers see it.
        }
        finally
        {
            lock (_gate)
            {
                _open.Remove(client);
                _open.Remove(server);
            }

            client.Dispose();
            server.Dispose();
        }
    }

    private async Task CopyAsync(Socket from, Socket to, int number)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                var count = await from.ReceiveAsync(buffer, _stop.Token);
                if (count == 0)
                {
                    return;
                }

                Task thawed;
                lock (_gate)
                {
                    thawed = number <= _frozenUpTo ? _openThawed.Task : _thawed.Task;
                }

                await thawed.WaitAsync(_stop.Token);
                await to.SendAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One end went away; the relay ends.
        }
    }
}

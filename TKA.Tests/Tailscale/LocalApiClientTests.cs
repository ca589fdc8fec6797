using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using TKA.Tailscale;
using TKA.Tailscale.LocalApi;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Tailscale;

/// <summary>What the client makes of tailscaled's answers, faults included.</summary>
public sealed class LocalApiClientTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tka-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string SocketPath => Path.Combine(_directory, "s");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_real_conversation()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        using var client = Client(tailnet.SocketPath);

        Assert.Equal("alice@example.com", (await client.WhoIsAsync(new IPEndPoint(IPAddress.Loopback, 4000), Cancellation))!.UserProfile.LoginName);
        Assert.Equal("alice@example.com", (await client.WhoIsAsync(new IPEndPoint(IPAddress.Parse("::ffff:127.0.0.1"), 4000), Cancellation))!.UserProfile.LoginName);
        Assert.Equal("bob@example.com", (await client.WhoIsAsync(IPAddress.Parse("100.64.0.3"), Cancellation))!.UserProfile.LoginName);
        Assert.Equal("bob@example.com", (await client.WhoIsAsync(new IPEndPoint(IPAddress.Parse("fd7a:115c:a1e0:ab12:4843:cd96:6240:3"), 9), Cancellation))!.UserProfile.LoginName);
        Assert.Null(await client.WhoIsAsync(new IPEndPoint(IPAddress.Parse("127.0.0.77"), 4000), Cancellation));
        Assert.Null((await client.StatusAsync(peers: false, Cancellation)).Peer);
        Assert.Equal(7, (await client.StatusAsync(peers: true, Cancellation)).Peer!.Count);
        Assert.Null(await client.ServeConfigAsync(Cancellation));
        var pem = await client.CertPairAsync("tka.tail0dev.ts.net", TimeSpan.FromHours(24), Cancellation);
        Assert.Contains("PRIVATE KEY", pem.PrivateKey, StringComparison.Ordinal);
        Assert.Equal(2, pem.Chain.Split("BEGIN CERTIFICATE").Length - 1);
        Assert.DoesNotContain("PRIVATE", pem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_bus_ends_when_tailscaled_does()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        using var client = Client(tailnet.SocketPath);
        var states = new List<int?>();

        var error = await Record.ExceptionAsync(async () =>
        {
            await foreach (var notification in client.WatchIpnBusAsync(IpnBusEvents.InitialState, Cancellation))
            {
                states.Add(notification.State);
                await tailnet.DownAsync();
            }
        });

        Assert.Equal([6], states);
        Assert.True(error is null or LocalApiException { Error: LocalApiError.Unavailable }, $"{error}");
    }

    [Theory]
    [InlineData("403 Forbidden", "whois access denied\n", LocalApiError.Denied)]
    [InlineData("500 Internal Server Error", "boom\n", LocalApiError.Unexpected)]
    [InlineData("503 Service Unavailable", "no backend\n", LocalApiError.Unavailable)]
    [InlineData("429 Too Many Requests", "slow down\n", LocalApiError.RateLimited)]
    [InlineData("400 Bad Request", "invalid 'addr' parameter\n", LocalApiError.Unexpected)]
    [InlineData("302 Found", "", LocalApiError.Unexpected)]
    [InlineData("200 OK", "not json", LocalApiError.Unexpected)]
    [InlineData("200 OK", "null", LocalApiError.Unexpected)]
    [InlineData("200 OK", "{}", LocalApiError.Unexpected)]
    [InlineData("200 OK", "", LocalApiError.Unexpected)]
    public async Task Answers_are_classified(string status, string body, LocalApiError expected)
    {
        using var fake = Answering($"HTTP/1.1 {status}\r\nRetry-After: 7\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
        using var client = Client(SocketPath);

        var error = await Assert.ThrowsAsync<LocalApiException>(() => client.WhoIsAsync(new IPEndPoint(IPAddress.Loopback, 1), Cancellation));

        Assert.Equal(expected, error.Error);
        if (expected == LocalApiError.RateLimited)
        {
            Assert.Equal(TimeSpan.FromSeconds(7), error.RetryAfter);
        }
    }

    [Fact]
    public async Task A_missing_socket_is_unavailable_and_named()
    {
        using var client = Client(SocketPath);

        var error = await Assert.ThrowsAsync<LocalApiException>(() => client.StatusAsync(peers: false, Cancellation));

        Assert.Equal(LocalApiError.Unavailable, error.Error);
        Assert.Contains(SocketPath, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_not_waited_for()
    {
        using var fake = Answering("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
        using var client = Client(SocketPath, TimeSpan.FromMilliseconds(200));

        var error = await Assert.ThrowsAsync<LocalApiException>(() => client.StatusAsync(peers: false, Cancellation));

        Assert.Equal(LocalApiError.Unavailable, error.Error);
    }

    [Fact]
    public async Task The_callers_own_cancellation_stays_one()
    {
        using var fake = Answering("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
        using var client = Client(SocketPath, TimeSpan.FromSeconds(30));
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(100), TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.StatusAsync(peers: false, cancelled.Token));
    }

    [Fact]
    public async Task The_request_is_one_that_tailscaled_takes()
    {
        using var fake = Answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        using var client = Client(SocketPath);

        Assert.Null(await client.WhoIsAsync(new IPEndPoint(IPAddress.Parse("::ffff:100.64.0.2"), 4000), Cancellation));

        var request = await fake.FirstRequest.WaitAsync(Cancellation);
        Assert.StartsWith("GET /localapi/v0/whois?proto=tcp&addr=100.64.0.2%3A4000 HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nHost: local-tailscaled.sock\r\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("Origin", request, StringComparison.Ordinal);
        Assert.DoesNotContain("Referer", request, StringComparison.Ordinal);
        Assert.DoesNotContain("traceparent", request, StringComparison.Ordinal);
    }

    private static LocalApiClient Client(string socket, TimeSpan? timeout = null) =>
        new(Options.Create(new TailscaleOptions { Socket = socket, LocalApiTimeout = timeout ?? TimeSpan.FromSeconds(10) }), TimeProvider.System);

    private FakeTailscaled Answering(string answer) => new(SocketPath, answer);

    /// <summary>Answers every request with the same bytes, for answers that the embedded tailnet rightly never gives.</summary>
    private sealed class FakeTailscaled : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly TaskCompletionSource<string> _request = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<Socket> _connections = [];

        public FakeTailscaled(string path, string answer)
        {
            _listener.Bind(new UnixDomainSocketEndPoint(path));
            _listener.Listen();
            _ = ServeAsync(answer);
        }

        public Task<string> FirstRequest => _request.Task;

        public void Dispose()
        {
            _listener.Dispose();
            _connections.ForEach(connection => connection.Dispose());
        }

        private async Task ServeAsync(string answer)
        {
            try
            {
                while (true)
                {
                    var connection = await _listener.AcceptAsync(Cancellation);
                    _connections.Add(connection);
                    var buffer = new byte[8192];
                    var read = await connection.ReceiveAsync(buffer, Cancellation);
                    _request.TrySetResult(Encoding.ASCII.GetString(buffer, 0, read));
                    await connection.SendAsync(Encoding.ASCII.GetBytes(answer), Cancellation);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The end of the test.
            }
        }
    }
}

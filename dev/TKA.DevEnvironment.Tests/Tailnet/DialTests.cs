using System.Net;
using System.Net.Sockets;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.DevEnvironment.Tests.Tailnet;

/// <summary>LocalAPI's <c>dial</c>: TCP connections to tailnet nodes over the socket.</summary>
public sealed class DialTests : IAsyncLifetime
{
    private const string Node = "127.0.0.10";
    private const string Own = "127.0.0.20";
    private TestTailnet _tailnet = null!;
    private RawLocalApi _localApi = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs 127.0.0.0/8 as loopback");
        var policy = new TestTailnetPolicy().Tagged(Node, "tag:tka-cluster", name: "prod").Self(Own);
        _tailnet = await TestTailnet.StartAsync(Cancellation, policy.ToString());
        _localApi = new RawLocalApi(_tailnet.SocketPath);
    }

    public async ValueTask DisposeAsync()
    {
        _localApi?.Dispose();
        if (_tailnet is not null)
        {
            await _tailnet.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("prod.tail0dev.ts.net")]
    [InlineData("prod.tail0dev.ts.net.")]
    [InlineData("prod")]
    [InlineData("100.64.0.11")]
    public async Task A_node_is_reached_by_name_and_address_from_the_own_node(string host)
    {
        using var listener = Listen(Node);
        var accepting = listener.AcceptSocketAsync(Cancellation);

        using var response = await DialAsync(host, PortOf(listener));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        Assert.Equal("ts-dial", response.Headers.Upgrade.Single().Name);
        using var accepted = await accepting;
        Assert.Equal(IPAddress.Parse(Own), ((IPEndPoint)accepted.RemoteEndPoint!).Address);

        await using var dialled = await response.Content.ReadAsStreamAsync(Cancellation);
        await using var served = new NetworkStream(accepted);
        await dialled.WriteAsync("ping"u8.ToArray(), Cancellation);
        var buffer = new byte[4];
        await served.ReadExactlyAsync(buffer, Cancellation);
        Assert.Equal("ping"u8.ToArray(), buffer);
        await served.WriteAsync("pong"u8.ToArray(), Cancellation);
        accepted.Shutdown(SocketShutdown.Send);
        await dialled.ReadExactlyAsync(buffer, Cancellation);
        Assert.Equal("pong"u8.ToArray(), buffer);
        Assert.Equal(0, await dialled.ReadAsync(buffer, Cancellation));
    }

    [Fact]
    public async Task The_own_node_is_reached_at_its_loopback_address()
    {
        using var listener = Listen(Own);

        using var response = await DialAsync("tka.tail0dev.ts.net", PortOf(listener));

        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
    }

    [Theory]
    [InlineData("elsewhere.example.com", "443")]
    [InlineData("127.0.0.1", "443")]
    [InlineData("prod", "1")]
    [InlineData("prod", "many")]
    public async Task What_cannot_be_dialled_is_a_bad_gateway(string host, string port)
    {
        using var response = await DialAsync(host, port);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.StartsWith("dial failure: ", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "upgrade", "ts-dial", "prod", 405, "POST required\n")]
    [InlineData("POST", "keep-alive", "ts-dial", "prod", 400, "bad ts-dial upgrade\n")]
    [InlineData("POST", "upgrade", "websocket", "prod", 400, "bad ts-dial upgrade\n")]
    [InlineData("POST", "upgrade", "ts-dial", null, 400, "missing Dial-Host or Dial-Port header\n")]
    public async Task Requests_that_fail_get_tailscaleds_words(string method, string connection, string upgrade, string? host, int status, string text)
    {
        using var response = await DialAsync(host, "443", method, connection, upgrade);

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal(text, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private static TcpListener Listen(string address)
    {
        var listener = new TcpListener(IPAddress.Parse(address), 0);
        listener.Start();
        return listener;
    }

    private static string PortOf(TcpListener listener) => $"{((IPEndPoint)listener.LocalEndpoint).Port}";

    private async Task<HttpResponseMessage> DialAsync(
        string? host, string port, string method = "POST", string connection = "upgrade", string upgrade = "ts-dial")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "dial");
        request.Headers.TryAddWithoutValidation("Connection", connection);
        request.Headers.TryAddWithoutValidation("Upgrade", upgrade);
        request.Headers.TryAddWithoutValidation("Dial-Host", host);
        request.Headers.TryAddWithoutValidation("Dial-Port", port);
        return await _localApi.SendAsync(request, Cancellation);
    }
}

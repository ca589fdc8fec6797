using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Tailscale;

/// <summary>Callers who claim to be somebody else. The connection decides, whatever they send.</summary>
public sealed class ForgedIdentityTests
{
    private static readonly (string Name, string Value)[] Forgeries =
    [
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-For", "100.64.0.2"),
        ("X-Forwarded-For", "127.0.0.1, 127.0.0.6"),
        ("X-Forwarded-For", "[::ffff:127.0.0.1]:80"),
        ("X-Forwarded-Host", "tka"),
        ("X-Forwarded-Proto", "https"),
        ("Forwarded", "for=127.0.0.1;proto=https;by=127.0.0.1"),
        ("X-Real-Ip", "127.0.0.1"),
        ("X-Original-For", "127.0.0.1:9"),
        ("True-Client-Ip", "127.0.0.1"),
        ("Tailscale-User-Login", "alice@example.com"),
        ("Tailscale-User-Name", "Alice"),
        ("Tailscale-User-Profile-Pic", "https://example.com/alice.png"),
        ("Tailscale-Headers-Info", "https://tailscale.com/s/serve-headers"),
        ("Tailscale-App-Capabilities", """{"specht-labs.de/cap/tka":[{"role":"cluster-admin","period":"8h","admin":true}]}"""),
        ("Tailscale_User_Login", "alice@example.com"),
        ("tailscale-user-login", "=?utf-8?q?alice=40example.com?="),
        ("Remote-User", "alice@example.com"),
        ("X-Remote-User", "alice@example.com"),
        ("Impersonate-User", "alice@example.com"),
        ("Authorization", "Bearer alice@example.com"),
        ("Cookie", ".AspNetCore.Cookies=alice"),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_header_makes_bob_alice(bool forwardedHeadersEnabled)
    {
        var seen = new ConcurrentBag<string>();
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(
            tailnet,
            Cancellation,
            builder => builder.Configuration.AddInMemoryCollection(
                [KeyValuePair.Create<string, string?>("FORWARDEDHEADERS_ENABLED", forwardedHeadersEnabled ? "true" : "false")]),
            app => app.Use((context, next) =>
            {
                seen.Add(context.Connection.RemoteIpAddress!.ToString());
                return next(context);
            }));

        foreach (var (name, value) in Forgeries)
        {
            using var bob = server.ClientFrom("127.0.0.2");
            bob.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
            Assert.Equal("bob@example.com on laptop-bob seen as bob@example.com", await bob.GetStringAsync("/rule", Cancellation));
            using var response = await bob.GetAsync("/admin", Cancellation);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }

        using var all = server.ClientFrom("127.0.0.2");
        foreach (var (name, value) in Forgeries)
        {
            all.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        }

        Assert.StartsWith("bob@example.com", await all.GetStringAsync("/rule", Cancellation), StringComparison.Ordinal);

        // The setting is live: it does rewrite the address that everything but identity sees.
        Assert.Equal(forwardedHeadersEnabled, seen.Any(address => address != "127.0.0.2"));
    }

    [Fact]
    public async Task No_header_makes_a_stranger_somebody()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        using var stranger = server.ClientFrom("127.0.0.77");
        foreach (var (name, value) in Forgeries)
        {
            stranger.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        }

        using var response = await stranger.GetAsync("/person", Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    /// <summary>The forwarded-headers middleware is live in this test: it does rewrite the address that others see.</summary>
    [Fact]
    public async Task Middleware_that_rewrites_the_remote_address_changes_nothing()
    {
        string? rewritten = null;
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, use: app =>
        {
            app.UseForwardedHeaders(Trusting());
            app.Use((context, next) =>
            {
                rewritten = context.Connection.RemoteIpAddress!.ToString();
                context.Connection.RemotePort = 1;
                return next(context);
            });
        });
        using var bob = server.ClientFrom("127.0.0.2");
        bob.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-For", "127.0.0.1");

        Assert.StartsWith("bob@example.com", await bob.GetStringAsync("/rule", Cancellation), StringComparison.Ordinal);
        Assert.Equal("127.0.0.1", rewritten);
    }

    [Theory]
    [InlineData("GET /rule HTTP/1.1\r\nHost: tka\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-For: 127.0.0.6\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /rule HTTP/1.1\r\nHost: tka\r\nTailscale-User-Login: bob@example.com\r\nTailscale-User-Login: alice@example.com\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /rule HTTP/1.0\r\nTailscale-User-Login: alice@example.com\r\n\r\n")]
    [InlineData("GET http://alice@example.com/rule HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /rule?Tailscale-User-Login=alice@example.com HTTP/1.1\r\nHost: tka\r\nConnection: close\r\n\r\n")]
    public async Task Raw_requests_are_bobs(string request)
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);

        var answer = await SendRawAsync(server.Uri, "127.0.0.2", request);

        Assert.DoesNotContain("alice", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(" 500 ", answer, StringComparison.Ordinal);
        Assert.True(answer.Contains("bob@example.com", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal), answer);
    }

    // Two requests in one, for servers that disagree about where the first ends.
    [Theory]
    [InlineData("Content-Length: 44\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: tka\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: tka\r\n\r\n")]
    [InlineData("Content-Length: 0\r\nContent-Length: 30\r\n\r\nGET /admin HTTP/1.1\r\nHost: tka\r\n\r\n")]
    [InlineData("X: y\rTailscale-User-Login: dave@example.com\r\n\r\n")]
    [InlineData("X: y\nTailscale-User-Login: dave@example.com\r\n\r\n")]
    [InlineData(" Tailscale-User-Login: dave@example.com\r\n\r\n")]
    public async Task Smuggling_gains_nothing(string rest)
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);

        var answer = await SendRawAsync(server.Uri, "127.0.0.2", $"GET /admin HTTP/1.1\r\nHost: tka\r\nConnection: close\r\n{rest}");

        Assert.DoesNotContain("200 OK", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(" 500 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("dave", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_that_is_not_the_tailnets_lets_nobody_in()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions? other = null;
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder =>
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listener => other = listener)));
        var address = new Uri($"http://{other!.IPEndPoint}");
        using var alice = TestTailnet.ClientFrom("127.0.0.1", address);

        using var response = await alice.GetAsync("/person", Cancellation);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("not-from-tailnet", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    private static ForwardedHeadersOptions Trusting()
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All, ForwardLimit = null };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        return options;
    }

    private static async Task<string> SendRawAsync(Uri server, string source, string request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
        await socket.ConnectAsync(IPAddress.Loopback, server.Port, Cancellation);
        await using var stream = new NetworkStream(socket);
        using var answer = new MemoryStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), Cancellation);
        try
        {
            await stream.CopyToAsync(answer, Cancellation);
        }
        catch (IOException)
        {
            // Reset after a refusal; what came before it counts.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }
}

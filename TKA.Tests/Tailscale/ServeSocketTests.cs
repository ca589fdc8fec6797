using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TKA.Tailscale;
using TKA.Tailscale.Serving;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Tailscale;

/// <summary>
/// <c>tailscale serve</c> in front, over a unix socket. The embedded tailnet runs in this process, so this process has
/// tailscaled's user id and may speak for it.
/// </summary>
public sealed class ServeSocketTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tka-").FullName;
    private int _connections;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Path => System.IO.Path.Combine(_directory, "serve.sock");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Identity_is_each_requests_own_on_one_connection()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peer credentials are read on Linux only.");
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await StartAsync(tailnet);
        using var serve = Serve();

        Assert.StartsWith("alice@example.com", await ReadAsync(serve, "100.64.0.2"), StringComparison.Ordinal);
        Assert.StartsWith("bob@example.com", await ReadAsync(serve, "100.64.0.3"), StringComparison.Ordinal);
        Assert.StartsWith("alice@example.com", await ReadAsync(serve, "fd7a:115c:a1e0:ab12:4843:cd96:6240:2"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(serve, "/rule", "100.64.0.5"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(serve, "/admin", "100.64.0.2"));
        Assert.Equal(1, _connections);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("100.64.0.99")]
    [InlineData("100.64.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:4000")]
    [InlineData("203.0.113.7")]
    [InlineData("100.64.0.2, 100.64.0.3")]
    [InlineData("100.64.0.2", "100.64.0.3")]
    public async Task Anything_but_one_tailnet_address_is_nobody(params string[] forwardedFor)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peer credentials are read on Linux only.");
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await StartAsync(tailnet);
        using var serve = Serve();
        serve.DefaultRequestHeaders.Add("Tailscale-User-Login", "alice@example.com");

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(serve, "/person", forwardedFor));
    }

    [Fact]
    public async Task Funnel_is_refused_here_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peer credentials are read on Linux only.");
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await StartAsync(tailnet);
        using var serve = Serve();
        serve.DefaultRequestHeaders.Add("Tailscale-Funnel-Request", "?1");

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(serve, "/person", "100.64.0.2"));
    }

    [Fact]
    public async Task Another_user_than_tailscaleds_is_not_let_in()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peer credentials are read on Linux only.");
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await StartAsync(tailnet, builder => builder.Services.AddSingleton<TailscaledUser, SomebodyElse>());
        using var serve = Serve();

        await Assert.ThrowsAsync<HttpRequestException>(() => StatusAsync(serve, "/person", "100.64.0.2"));
    }

    [Fact]
    public async Task Without_tailscaled_nobody_is_let_in()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peer credentials are read on Linux only.");
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await StartAsync(tailnet);
        await tailnet.DownAsync();
        using var serve = Serve();

        await Assert.ThrowsAsync<HttpRequestException>(() => StatusAsync(serve, "/person", "100.64.0.2"));
    }

    [Theory]
    [InlineData("tka.tail0dev.ts.net", null, HttpStatusCode.OK)]
    [InlineData("tka", "http://tka", HttpStatusCode.OK)]
    [InlineData("evil.example.com", null, HttpStatusCode.MisdirectedRequest)]
    [InlineData("", null, HttpStatusCode.MisdirectedRequest)]
    [InlineData("tka", "http://localhost", HttpStatusCode.Forbidden)]
    public async Task Web_pages_are_judged_by_the_name_the_caller_used(string forwardedHost, string? origin, HttpStatusCode expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peer credentials are read on Linux only.");
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await StartAsync(tailnet, use: app => app.UseTailnetBrowserGuard());
        using var serve = Serve();
        serve.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-Host", forwardedHost);
        if (origin is not null)
        {
            serve.DefaultRequestHeaders.Add("Origin", origin);
        }

        Assert.Equal(expected, await StatusAsync(serve, "/rule", "100.64.0.2"));
    }

    private Task<WhoAmIServer> StartAsync(TestTailnet tailnet, Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? use = null) =>
        WhoAmIServer.StartAsync(
            tailnet,
            Cancellation,
            builder =>
            {
                builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>("server:serveSocket", Path)]);
                configure?.Invoke(builder);
            },
            use);

    /// <summary>What tailscale serve is to the server: a client on the socket that names a caller in each request.</summary>
    private HttpClient Serve() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            Interlocked.Increment(ref _connections);
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = new Uri("http://localhost") };

    private static async Task<string> ReadAsync(HttpClient serve, string forwardedFor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/rule") { Headers = { { "X-Forwarded-For", forwardedFor } } };
        using var response = await serve.SendAsync(request, Cancellation);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient serve, string path, params string[] forwardedFor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var value in forwardedFor)
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", value);
        }

        using var response = await serve.SendAsync(request, Cancellation);
        return response.StatusCode;
    }

    private sealed class SomebodyElse(IOptions<TailscaleOptions> options) : TailscaledUser(options)
    {
        public override ValueTask<uint?> FindAsync(CancellationToken cancellationToken) => ValueTask.FromResult<uint?>(4_000_000);
    }
}

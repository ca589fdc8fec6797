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
/// <c>tailscale serve</c> in front, over a unix socket and over a loopback address. The embedded tailnet runs in this process, so this
/// process has tailscaled's user id and may speak for it.
/// </summary>
public abstract class ServeTests : IDisposable
{
    private int _connections;

    protected string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("tka-").FullName;

    /// <summary>The setting that makes the server a target.</summary>
    protected abstract (string Key, string Value) Setting { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        System.IO.Directory.Delete(Directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Identity_is_each_requests_own_on_one_connection()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peer credentials are read on Linux only.");
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await StartAsync(tailnet);
        using var serve = Serve(server);

        Assert.StartsWith("alice@example.com", await ReadAsync(serve, "100.64.0.2"), StringComparison.Ordinal);
        Assert.StartsWith("bob@example.com", await ReadAsync(serve, "100.64.0.3"), StringComparison.Ordinal);
        Assert.StartsWith("alice@example.com", await ReadAsync(serve, "fd7a:115c:a1e0:ab12:4843:cd96:6240:2"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(serve, "/rule", "100.64.0.5"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(serve, "/admin", "100.64.0.2"));
        Assert.Equal(1, _connections);
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
        using var serve = Serve(server);
        serve.DefaultRequestHeaders.Add("Tailscale-User-Login", "alice@example.com");

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(serve, "/person", forwardedFor));
    }

    [Fact]
    public async Task Funnel_is_refused_here_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peer credentials are read on Linux only.");
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await StartAsync(tailnet);
        using var serve = Serve(server);
        serve.DefaultRequestHeaders.Add("Tailscale-Funnel-Request", "?1");

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(serve, "/person", "100.64.0.2"));
    }

    [Fact]
    public async Task Another_user_than_tailscaleds_is_not_let_in()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peer credentials are read on Linux only.");
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await StartAsync(tailnet, builder => builder.Services.AddSingleton<TailscaledUser, SomebodyElse>());
        using var serve = Serve(server);

        await Assert.ThrowsAsync<HttpRequestException>(() => StatusAsync(serve, "/person", "100.64.0.2"));
    }

    [Fact]
    public async Task Without_tailscaled_nobody_is_let_in()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peer credentials are read on Linux only.");
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await StartAsync(tailnet);
        await tailnet.DownAsync();
        using var serve = Serve(server);

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
        using var serve = Serve(server);
        serve.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-Host", forwardedHost);
        if (origin is not null)
        {
            serve.DefaultRequestHeaders.Add("Origin", origin);
        }

        Assert.Equal(expected, await StatusAsync(serve, "/rule", "100.64.0.2"));
    }

    private protected Task<WhoAmIServer> StartAsync(TestTailnet tailnet, Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? use = null) =>
        WhoAmIServer.StartAsync(
            tailnet,
            Cancellation,
            builder =>
            {
                builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>(Setting.Key, Setting.Value)]);
                configure?.Invoke(builder);
            },
            use);

    /// <summary>Connects as tailscaled does.</summary>
    private protected abstract Task<Socket> ConnectAsync(WhoAmIServer server, CancellationToken cancellationToken);

    /// <summary>What tailscale serve is to the server: a client of the target that names a caller in each request.</summary>
    private HttpClient Serve(WhoAmIServer server) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            Interlocked.Increment(ref _connections);
            return new NetworkStream(await ConnectAsync(server, cancellationToken), ownsSocket: true);
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

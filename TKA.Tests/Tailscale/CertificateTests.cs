using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using TKA.Tailscale.LocalApi;
using TKA.Tests.Health;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Tailscale;

/// <summary>HTTPS with tailscaled's certificate: served with its issuers, renewed in time, swapped without a restart.</summary>
public sealed class CertificateTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_certificate_is_tailscaleds_and_identity_works_behind_TLS()
    {
        var time = Now();
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, time: time);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder => Https(builder, time));
        using var client = Client(tailnet, server, "127.0.0.2", time);

        Assert.StartsWith("bob@example.com", await client.GetStringAsync("/rule", Cancellation), StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(server)).Status);
    }

    [Fact]
    public async Task Clients_of_HTTP_2_are_served()
    {
        var time = Now();
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, time: time);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder => Https(builder, time));
        using var client = Client(tailnet, server, "127.0.0.2", time);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/rule") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation("Tailscale-User-Login", "alice@example.com");
        using var response = await client.SendAsync(request, Cancellation);

        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.StartsWith("bob@example.com", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_renewed_before_it_expires_and_swapped_under_running_connections()
    {
        var time = Now();
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, time: time);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder => Https(builder, time));
        using var old = Client(tailnet, server, "127.0.0.1", time);
        await old.GetStringAsync("/rule", Cancellation);
        var first = await SerialAsync(server);

        // Two thirds of 90 days; a certificate that is good for longer is not renewed.
        time.Advance(TimeSpan.FromDays(59));
        Assert.Equal(first, await SerialAsync(server));
        await AdvanceUntilAsync(time, TimeSpan.FromHours(12), async () => await SerialAsync(server) != first);

        Assert.InRange(time.GetUtcNow() - time.Start, TimeSpan.FromDays(59), TimeSpan.FromDays(80));
        Assert.StartsWith("alice", await old.GetStringAsync("/rule", Cancellation), StringComparison.Ordinal);
        using var fresh = Client(tailnet, server, "127.0.0.1", time);
        Assert.StartsWith("alice", await fresh.GetStringAsync("/rule", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_renewal_keeps_the_old_certificate_and_is_tried_again()
    {
        var time = Now();
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, time: time);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder => Https(builder, time));
        var first = await SerialAsync(server);

        await tailnet.DownAsync();
        time.Advance(TimeSpan.FromDays(61));
        Assert.Equal(first, await SerialAsync(server));

        await tailnet.UpAsync(Cancellation);
        await AdvanceUntilAsync(time, TimeSpan.FromMinutes(1), async () => await SerialAsync(server) != first);
    }

    [Fact]
    public async Task A_tailscaled_that_comes_an_hour_late_is_asked_for_a_certificate_within_half_a_minute()
    {
        var time = Now();
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, time: time);
        await tailnet.DownAsync();
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder => Https(builder, time));
        for (var minute = 0; minute < 60; minute++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        await tailnet.UpAsync(Cancellation);
        var up = time.GetUtcNow();
        await AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), async () => await HealthAsync(server) is { Status: HealthStatus.Healthy });

        // Half a minute, and the seconds by which the clock moves while the answers are on their way.
        Assert.InRange(time.GetUtcNow() - up, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        Assert.NotEmpty(await SerialAsync(server));
    }

    [Fact]
    public async Task The_first_certificate_is_asked_for_again_after_half_a_minute_at_the_latest()
    {
        var time = Now();
        var logs = new LogCollector();
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, time: time);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder =>
        {
            Https(builder, time);
            builder.Logging.AddProvider(logs);
            builder.Services.AddSingleton(provider => ChangedLocalApi.Create(
                ActivatorUtilities.CreateInstance<LocalApiClient>(provider),
                static answer => answer is CertificatePem ? throw new LocalApiException(LocalApiError.Unavailable, "refused by the test") : answer));
        });

        await AdvanceUntilAsync(time, TimeSpan.FromSeconds(5), () => Task.FromResult(Waits().Length >= 6));

        Assert.Equal([5, 10, 20, 30, 30, 30], Waits()[..6]);

        int[] Waits() =>
        [
            .. logs.Lines
            .Where(line => line.Category.EndsWith("TailscaleCertificateProvider", StringComparison.Ordinal))
            .Select(line => line.Fields.GetValueOrDefault("Wait"))
            .OfType<TimeSpan>()
            .Select(wait => (int)wait.TotalSeconds),
        ];
    }

    [Fact]
    public async Task Without_a_certificate_handshakes_fail_at_once_and_health_says_what_is_missing()
    {
        var time = Now();
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, time: time);
        await tailnet.DownAsync();
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder => Https(builder, time));

        await Eventually.TrueAsync(async () => await Record.ExceptionAsync(() => SerialAsync(server)) is IOException or System.Security.Authentication.AuthenticationException);

        var health = await HealthAsync(server);
        Assert.Equal(HealthStatus.Unhealthy, health.Status);
        Assert.Contains(tailnet.SocketPath, health.Description, StringComparison.Ordinal);
        Assert.DoesNotContain("Cannot assign", health.Description, StringComparison.Ordinal);
    }

    private static async Task<HealthReportEntry> HealthAsync(WhoAmIServer server) =>
        (await server.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation)).Entries["tailscale"];

    // Certificates are also judged by the platform's own clock, so the test's time begins with it.
    private static FakeTimeProvider Now() => new(TimeProvider.System.GetUtcNow());

    private static void Https(WebApplicationBuilder builder, TimeProvider time)
    {
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>("tailscale:tls", "true")]);
        builder.Services.AddSingleton(time);
    }

    private static async Task AdvanceUntilAsync(FakeTimeProvider time, TimeSpan step, Func<Task<bool>> condition) =>
        await Eventually.TrueAsync(
            async () =>
            {
                if (await condition())
                {
                    return true;
                }

                time.Advance(step);
                return false;
            },
            "the clock brought it about");

    private static async Task<string> SerialAsync(WhoAmIServer server)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, server.Uri.Port, Cancellation);
        await using var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "tka.tail0dev.ts.net" }, Cancellation);
        return tls.RemoteCertificate!.GetSerialNumberString();
    }

    /// <summary>Trusts the tailnet's root and nothing else, so that a missing intermediate would show.</summary>
    private static HttpClient Client(TestTailnet tailnet, WhoAmIServer server, string source, TimeProvider time)
    {
        var handler = TestTailnet.HandlerFrom(source);
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            VerificationTimeIgnored = false,
            VerificationTime = time.GetUtcNow().LocalDateTime,
            CustomTrustStore = { X509Certificate2.CreateFromPem(tailnet.Embedded.CertificateAuthorityPem) },
        };
        return new HttpClient(handler) { BaseAddress = new Uri($"https://{tailnet.Embedded.DnsName}:{server.Uri.Port}") };
    }
}

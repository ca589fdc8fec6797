using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Tailscale;

public sealed class HealthTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_follows_tailscaled()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        using var localApi = new RawLocalApi(tailnet.SocketPath);
        Assert.Equal((HealthStatus.Healthy, "tka.tail0dev.ts.net is online."), await CheckAsync(server));

        await localApi.WantRunningAsync(false, Cancellation);
        Assert.Equal((HealthStatus.Unhealthy, "tailscaled is in state Stopped."), await CheckAsync(server));

        await localApi.WantRunningAsync(true, Cancellation);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(server)).Status);

        await tailnet.DownAsync();
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(server)).Status);
    }

    [Fact]
    public async Task An_open_Funnel_is_told()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        using var localApi = new RawLocalApi(tailnet.SocketPath);
        using var request = new HttpRequestMessage(HttpMethod.Post, "serve-config")
        {
            Content = new StringContent("""{"AllowFunnel":{"tka:8443":false},"Foreground":{"a1":{"AllowFunnel":{"tka.tail0dev.ts.net:443":true}}}}"""),
        };
        using var stored = await localApi.SendAsync(request, Cancellation);

        var (status, description) = await CheckAsync(server);

        Assert.Equal(HealthStatus.Degraded, status);
        Assert.Contains("tka.tail0dev.ts.net:443", description, StringComparison.Ordinal);
    }

    private static async Task<(HealthStatus Status, string? Description)> CheckAsync(WhoAmIServer server)
    {
        var report = await server.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);
        return (report.Entries["tailscale"].Status, report.Entries["tailscale"].Description);
    }
}

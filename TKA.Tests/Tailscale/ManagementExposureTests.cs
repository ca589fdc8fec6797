using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using TKA.Tailscale.LocalApi;
using TKA.Tests.Health;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Tailscale;

/// <summary>Health and metrics on loopback, which every peer reaches through a userspace tailscaled, are served only when asked for by name (case N8).</summary>
public sealed class ManagementExposureTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", false, false)]
    [InlineData("", true, true)]
    [InlineData("127.0.0.1", false, true)]
    public async Task N8_the_default_address_is_refused_beside_a_userspace_tailscaled(string address, bool tun, bool starts)
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancel);
        var starting = StartAsync(tailnet, address, tun);

        if (starts)
        {
            await using var server = await starting;
            return;
        }

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => starting);
        Assert.Contains("Set it to the Pod's own address, or to 127.0.0.1 if peers may read them.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task N8_a_userspace_tailscaled_that_comes_later_stops_the_service()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancel);
        await tailnet.DownAsync();
        var time = new FakeTimeProvider();
        await using var server = await StartAsync(tailnet, "", tun: false, time);
        var stopping = server.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await tailnet.UpAsync(Cancel);

        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return stopping.IsCancellationRequested;
            },
            "the service stops");
    }

    private static Task<WhoAmIServer> StartAsync(TestTailnet tailnet, string address, bool tun, TimeProvider? time = null) => WhoAmIServer.StartAsync(tailnet, Cancel, builder =>
    {
        builder.Configuration["management:address"] = address;
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.Services.AddSingleton(provider => ChangedLocalApi.Create(
            ActivatorUtilities.CreateInstance<LocalApiClient>(provider), answer => answer is TailscaleStatus status ? status with { TUN = tun } : answer));
    });
}

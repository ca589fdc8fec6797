using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using TKA.ServiceDefaults;
using TKA.ServiceDefaults.Configuration;
using TKA.ServiceDefaults.Health;
using TKA.ServiceDefaults.Management;
using Xunit;

namespace TKA.Tests.ServiceDefaults;

public sealed class ManagementEndpointsTests : IAsyncLifetime
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly HttpClient _http = new();
    private HealthStatus _dependency = HealthStatus.Healthy;
    private WebApplication _app = null!;
    private Uri _management = null!;
    private Uri _service = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["management:port"] = "0" });
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.AddServiceDefaults();
        builder.Services.AddHealthChecks().AddCheck(
            "dependency",
            () => new HealthCheckResult(_dependency, "told so", new InvalidOperationException("an internal address")),
            [HealthTags.Ready]);
        _app = builder.Build();
        _app.MapManagementEndpoints();
        _app.MapGet("/hello", () => "hello");
        await _app.StartAsync(Cancellation);
        _management = _app.Services.GetRequiredService<ManagementListener>().Uri;
        _service = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => new Uri(address)).Single(address => address.Port != _management.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    public static TheoryData<string> Paths => ["/livez", "/alive", "/readyz", "/ready", "/healthz", "/health", "/metrics"];

    [Theory, MemberData(nameof(Paths))]
    public async Task A_path_is_served_on_the_management_port_and_on_no_other(string path)
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_management, path));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(_service, path));
    }

    [Fact]
    public async Task The_management_port_does_not_serve_the_service()
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_service, "/hello"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(_management, "/hello"));
    }

    [Fact]
    public async Task A_Host_header_does_not_open_the_management_endpoints()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_service, "/metrics"));
        request.Headers.Host = _management.Authority;
        using var response = await _http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_failed_dependency_makes_it_unready_and_leaves_it_alive()
    {
        _dependency = HealthStatus.Unhealthy;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(_management, "/readyz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(_management, "/healthz"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_management, "/livez"));
    }

    [Fact]
    public async Task A_degraded_dependency_leaves_it_ready_and_is_named()
    {
        _dependency = HealthStatus.Degraded;
        using var response = await _http.GetAsync(new Uri(_management, "/readyz"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("[~]dependency degraded: told so", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbose_names_each_check_and_no_exception()
    {
        var text = await _http.GetStringAsync(new Uri(_management, "/readyz?verbose"), Cancellation);
        Assert.Equal("[+]dependency ok: told so\n[+]host ok\nreadyz check passed\n", text);
        Assert.Equal("ok", await _http.GetStringAsync(new Uri(_management, "/readyz"), Cancellation));
    }

    [Fact]
    public async Task Probes_are_not_counted_as_requests_of_the_service()
    {
        await StatusAsync(_management, "/livez");
        await StatusAsync(_service, "/hello");
        var metrics = await _http.GetStringAsync(new Uri(_management, "/metrics"), Cancellation);
        Assert.Contains("http_route=\"/hello\"", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(
            metrics.Split('\n'),
            line => line.StartsWith("http_server_request_duration_seconds_count", StringComparison.Ordinal)
                && !line.Contains("http_route=\"/hello\"", StringComparison.Ordinal)
                && line.Contains($"server_port=\"{_management.Port}\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("management:address", "nowhere", "management.address is \"nowhere\", which is not an IP address. Write it like 127.0.0.1.")]
    [InlineData("management:port", "70000", "management.port is \"70000\", which is not a port. Write a number from 0 to 65535.")]
    public void A_bad_value_is_named(string key, string value, string message)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();
        var error = Assert.Throws<ConfigurationException>(() => ManagementOptions.From(configuration));
        Assert.Equal(message, error.Message);
    }

    private async Task<HttpStatusCode> StatusAsync(Uri address, string path)
    {
        using var response = await _http.GetAsync(new Uri(address, path), Cancellation);
        return response.StatusCode;
    }
}

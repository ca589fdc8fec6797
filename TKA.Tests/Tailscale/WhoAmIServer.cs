using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.ServiceDefaults.Problems;
using TKA.Tailscale;
using TKA.Tailscale.Authorization;
using TKA.Tests.Infrastructure;

namespace TKA.Tests.Tailscale;

/// <summary>The smallest server with Tailscale identity: it says who it takes the caller for.</summary>
internal sealed class WhoAmIServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WhoAmIServer(WebApplication app) => _app = app;

    public Uri Uri => Addresses.First();

    public IEnumerable<Uri> Addresses => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address));

    public IServiceProvider Services => _app.Services;

    public static async Task<WhoAmIServer> StartAsync(
        TestTailnet tailnet, CancellationToken cancellationToken, Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? use = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        tailnet.Configure(builder);
        configure?.Invoke(builder);
        builder.Services.AddTailscaleAuthentication(options => options.WriteRefusal = static (context, refusal) => ProblemWriter.WriteAsync(context, refusal.ToProblem()));
        builder.Services.AddTailnetListener();
        var app = builder.Build();
        use?.Invoke(app);
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGet("/person", Describe).RequireAuthorization(TailscalePolicies.Person);
        app.MapGet("/rule", Describe).RequireAuthorization(TailscalePolicies.AnyRule);
        app.MapGet("/admin", Describe).RequireAuthorization(TailscalePolicies.Admin);
        await app.StartAsync(cancellationToken);
        return new WhoAmIServer(app);
    }

    public HttpClient ClientFrom(string source) => TestTailnet.ClientFrom(source, Uri);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static IResult Describe(HttpContext context) =>
        Results.Text($"{context.GetTailscalePeer().LoginName} on {context.GetTailscalePeer().NodeName} seen as {context.User.Identity!.Name}");
}

using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.Contracts;
using TKA.Contracts.Rest;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Orchestrator;

/// <summary>What serves <c>/cluster-info</c> at a node of the tailnet, honest or not.</summary>
internal sealed class ClusterApi : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ClusterApi(WebApplication app, string address, ClusterInfo info) => (_app, Address, Info) = (app, address, info);

    public string Address { get; }

    /// <summary>What it answers.</summary>
    public ClusterInfo Info { get; set; }

    /// <summary>How it answers, in place of <see cref="Info"/>.</summary>
    public RequestDelegate? Answer { get; set; }

    /// <summary>How often it was asked.</summary>
    public int Asked { get; private set; }

    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    public static async Task<ClusterApi> StartAsync(string address, string name, CancellationToken cancellationToken, string? installation = null, int port = 0, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(address), port, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        builder.WebHost.UseKestrelHttpsConfiguration();
        var app = builder.Build();
        var api = new ClusterApi(app, address, new ClusterInfo
        {
            Name = name,
            ServerUrl = $"https://{name}.example.com:6443",
            CaData = "QQ==",
            Description = $"Cluster {name}",
            InstallationId = installation ?? $"id-of-{name}",
            Version = "1.2.3",
            Labels = new Dictionary<string, string> { ["env"] = "prod", ["region"] = "eu" },
        });
        app.MapGet(ApiRoutes.ClusterInfo, async context =>
        {
            api.Asked++;
            await (api.Answer ?? (inner => inner.Response.WriteAsync(JsonSerializer.Serialize(api.Info, ContractsJsonContext.Default.ClusterInfo))))(context);
        });
        await app.StartAsync(cancellationToken);
        return api;
    }

    /// <summary>Asks the orchestrator to look at this cluster, from its node.</summary>
    public async Task<HttpResponseMessage> RegisterAsync(OrchestratorServer server, CancellationToken cancellationToken, Func<ClusterEntry, ClusterEntry>? change = null)
    {
        using var client = server.ClientFrom(Address);
        var entry = new ClusterEntry { Name = Info.Name!, ApiEndpoint = Info.ServerUrl, TkaEndpoint = $"http://anything.example:{Port}" };
        return await client.PostAsJsonAsync(ApiRoutes.Clusters, change?.Invoke(entry) ?? entry, ContractsJsonContext.Default.Cluster, cancellationToken);
    }

    /// <summary>Takes this cluster's node off the registry.</summary>
    public async Task<HttpStatusCode> LeaveAsync(OrchestratorServer server, CancellationToken cancellationToken)
    {
        using var client = server.ClientFrom(Address);
        using var response = await client.DeleteAsync($"{ApiRoutes.Clusters}/{Info.Name}", cancellationToken);
        return response.StatusCode;
    }

    /// <summary>Stops answering.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.Contracts;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using TKA.Orchestrator;
using TKA.ServiceDefaults.Management;
using TKA.Tests.Infrastructure;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Orchestrator;

/// <summary>The real orchestrator on an embedded tailnet and an embedded Dapr.</summary>
internal sealed class OrchestratorServer : IAsyncDisposable
{
    public const string Dave = "127.0.0.6";
    public const string Alice = "127.0.0.1";
    public const string Carol = "127.0.0.3";
    public const string Ci = "127.0.0.4";
    public const string TkaDev = "127.0.0.10";
    public const string TkaTwo = "127.0.0.11";
    public const string TkaThree = "127.0.0.12";

    private readonly WebApplication _app;
    private bool _isReplica;

    private OrchestratorServer(WebApplication app, TestTailnet tailnet, TestDapr dapr)
    {
        _app = app;
        Tailnet = tailnet;
        Dapr = dapr;
    }

    public TestTailnet Tailnet { get; }

    public TestDapr Dapr { get; }

    /// <summary>What the orchestrator is made of, for tests that put clusters into its registry without a node that registers.</summary>
    public IServiceProvider Services => _app.Services;

    public Uri ManagementUri => _app.Services.GetRequiredService<ManagementListener>().Uri;

    public Uri Uri => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(address => new Uri(address).Port != ManagementUri.Port));

    public static async Task<OrchestratorServer> StartAsync(
        CancellationToken cancellationToken,
        TimeProvider? time = null,
        Dictionary<string, string?>? settings = null,
        string? policy = null,
        bool daprLater = false,
        LogCollector? logs = null,
        Action<IServiceCollection>? services = null)
    {
        var tailnet = await TestTailnet.StartAsync(cancellationToken, policy ?? await ThreeNodesAsync(cancellationToken));
        var dapr = await TestDapr.StartAsync(cancellationToken, time);
        if (daprLater)
        {
            await dapr.DownAsync();
        }

        var app = Create(tailnet, dapr, time, settings, logs, services);
        await app.StartAsync(cancellationToken);
        return new OrchestratorServer(app, tailnet, dapr);
    }

    /// <summary>Another replica on the same tailnet and the same state.</summary>
    public async Task<OrchestratorServer> ReplicaAsync(CancellationToken cancellationToken, TimeProvider? time = null)
    {
        var app = Create(Tailnet, Dapr, time, null);
        await app.StartAsync(cancellationToken);
        return new OrchestratorServer(app, Tailnet, Dapr) { _isReplica = true };
    }

    public HttpClient ClientFrom(string source) => TestTailnet.ClientFrom(source, Uri);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        if (_isReplica)
        {
            return;
        }

        await Dapr.DisposeAsync();
        await Tailnet.DisposeAsync();
    }

    /// <summary>The default policy with three nodes that run TKA, at .10, .11 and .12.</summary>
    private static async Task<string> ThreeNodesAsync(CancellationToken cancellationToken)
    {
        var policy = await File.ReadAllTextAsync(
            Path.Combine(DeployFiles.RepositoryRoot, "dev/TKA.DevEnvironment.Tailnet/Policy/policy.default.hujson"), cancellationToken);
        return policy.Replace(
            "\"127.0.0.10\": {\"name\": \"tka-dev\", \"tags\": [\"tag:tka-cluster\"]},",
            """
            "127.0.0.10": {"name": "tka-dev", "tags": ["tag:tka-cluster"]},
            "127.0.0.11": {"name": "tka-two", "tags": ["tag:tka"]},
            "127.0.0.12": {"name": "tka-three", "tags": ["tag:tka"]},
            """,
            StringComparison.Ordinal);
    }

    public static ClusterEntry Entry(string name = "prod-eu") => new()
    {
        Name = name,
        ApiEndpoint = "https://prod-eu.example.com:6443",
        TkaEndpoint = "https://tka-prod-eu.tail0dev.ts.net",
        Description = "Production, Europe",
        Labels = new Dictionary<string, string> { ["env"] = "prod", ["region"] = "eu" },
        Version = "1.2.3",
    };

    public static Task<HttpResponseMessage> RegisterAsync(HttpClient client, ClusterEntry cluster, CancellationToken cancellationToken) =>
        client.PostAsJsonAsync(ApiRoutes.Clusters, cluster, ContractsJsonContext.Default.Cluster, cancellationToken);

    public static async Task<IReadOnlyList<ClusterEntry>> ListAsync(HttpClient client, CancellationToken cancellationToken, string? selector = null)
    {
        var list = await client.GetFromJsonAsync<ClusterList>(
            ApiRoutes.Clusters + (selector is null ? "" : $"?label_selector={Uri.EscapeDataString(selector)}"), cancellationToken);
        return list!.Items;
    }

    internal static WebApplication Create(TestTailnet tailnet, TestDapr dapr, TimeProvider? time, Dictionary<string, string?>? settings, LogCollector? logs = null, Action<IServiceCollection>? services = null) =>
        OrchestratorApplication.Create([], builder =>
        {
            builder.Logging.ClearProviders();
            if (logs is not null)
            {
                builder.Logging.AddProvider(logs);
            }

            tailnet.Configure(builder);
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["management:port"] = "0",
                ["DAPR_GRPC_ENDPOINT"] = dapr.GrpcEndpoint.ToString(),
                ["dapr:timeout"] = "1s",
                ["orchestrator:allowHttp"] = "true",
            });
            builder.Configuration.AddInMemoryCollection(settings ?? []);
            services?.Invoke(builder.Services);
            if (time is not null)
            {
                builder.Services.AddSingleton(time);
            }
        });
}

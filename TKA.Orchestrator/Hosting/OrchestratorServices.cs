using System.Text.Json;
using Dapr.Client;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using TKA.Contracts;
using TKA.Orchestrator.Configuration;
using TKA.Orchestrator.Discovery;
using TKA.Orchestrator.Endpoints;
using TKA.Orchestrator.Problems;
using TKA.Orchestrator.Registry;
using TKA.Orchestrator.Telemetry;
using TKA.ServiceDefaults.Configuration;
using TKA.ServiceDefaults.Health;
using TKA.Tailscale;

namespace TKA.Orchestrator.Hosting;

/// <summary>Registers what the orchestrator is made of.</summary>
internal static class OrchestratorServices
{
    private const int LargestBody = 64 * 1024;

    public static void AddOrchestrator(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddValidatedOptions<RegistryOptions, OptionsValidation>(RegistryOptions.Section);
        services.AddValidatedOptions<DaprOptions, OptionsValidation>(DaprOptions.Section);

        services.AddTailscaleAuthentication();
        services.AddAuthorizationBuilder().AddOrchestratorPolicies();
        services.AddTailnetListener();

        services.AddSingleton(provider => CreateDapr(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton<StateStore>();
        services.AddSingleton<ClusterRegistry>();
        services.AddSingleton<TailnetDiscovery>();
        services.AddSingleton<ClusterMetrics>();
        services.AddHostedService(provider => provider.GetRequiredService<ClusterMetrics>());
        services.AddHealthChecks().AddCheck<StateHealthCheck>("state", tags: [HealthTags.Ready]);

        services.AddExceptionHandler<ProblemExceptionHandler>();
        services.AddProblemDetails();
        services.AddTkaOpenApi();
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJsonContext.Default));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        });
    }

    /// <summary>The configuration rather than the process environment, so that the embedded stack can start several services in one process.</summary>
    private static DaprClient CreateDapr(IConfiguration configuration)
    {
        var json = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        json.TypeInfoResolverChain.Add(RegistryJsonContext.Default);
        json.TypeInfoResolverChain.Add(ContractsJsonContext.Default);
        var channel = new GrpcChannelOptions
        {
            ThrowOperationCanceledOnCancellation = true,

            // gRPC's own limit of two minutes would keep the registry away long after the sidecar is back.
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(200),
            MaxReconnectBackoff = TimeSpan.FromSeconds(2),
        };
        var builder = new DaprClientBuilder().UseJsonSerializationOptions(json).UseGrpcChannelOptions(channel);
        var endpoint = configuration["DAPR_GRPC_ENDPOINT"] is { Length: > 0 } url ? url
            : configuration["DAPR_GRPC_PORT"] is { Length: > 0 } port ? $"http://127.0.0.1:{port}"
            : null;
        if (endpoint is not null)
        {
            builder.UseGrpcEndpoint(endpoint);
        }

        if (configuration["DAPR_API_TOKEN"] is { Length: > 0 } token)
        {
            builder.UseDaprApiToken(token);
        }

        return builder.Build();
    }
}

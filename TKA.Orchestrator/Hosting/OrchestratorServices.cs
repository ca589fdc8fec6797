using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using TKA.Contracts;
using TKA.Orchestrator.Configuration;
using TKA.Orchestrator.Discovery;
using TKA.Orchestrator.Endpoints;
using TKA.Orchestrator.Problems;
using TKA.Orchestrator.Registry;
using TKA.Orchestrator.Telemetry;
using TKA.Orchestrator.Web;
using TKA.ServiceDefaults.Configuration;
using TKA.ServiceDefaults.Health;
using TKA.ServiceDefaults.Http;
using TKA.ServiceDefaults.Problems;
using TKA.State;
using TKA.Tailscale;

namespace TKA.Orchestrator.Hosting;

/// <summary>Registers what the orchestrator is made of.</summary>
internal static class OrchestratorServices
{
    private const int LargestBody = 64 * 1024;

    /// <summary>Time for a new connection's first byte, and for a request's headers.</summary>
    private static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(5);

    public static void AddOrchestrator(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddValidatedOptions<RegistryOptions, OptionsValidation>(RegistryOptions.Section);

        services.AddTailscaleAuthentication(options => options.WriteRefusal = static (context, refusal) => ProblemWriter.WriteAsync(context, refusal.ToProblem()));
        services.AddAuthorizationBuilder().AddOrchestratorPolicies();
        services.AddTailnetListener();

        services.AddDaprState(RegistryJsonContext.Default);
        services.AddSingleton<ClusterStore>();
        services.AddSingleton<ClusterView>();
        services.AddSingleton<ClusterRegistry>();
        services.AddSingleton<ClusterProbe>();
        services.AddSingleton<Registrations>();
        services.AddSingleton<ClusterMetrics>();
        services.AddHostedService<RegistrySync>();
        services.AddHostedService<TailnetDiscovery>();
        services.AddHealthChecks().AddCheck<StateHealthCheck>("state", tags: [HealthTags.Ready]);

        services.AddExceptionHandler<ProblemExceptionHandler>();
        services.AddProblemDetails();
        services.AddSingleton<ClustersPageBuilder>();
        services.AddSingleton<IProblemPage, ProblemPages>();
        services.AddTkaOpenApi();
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJsonContext.Default));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.RequestHeadersTimeout = HeaderTimeout;
            kestrel.ConfigureEndpointDefaults(listener => listener.Use(new SilentConnections(HeaderTimeout).Wrap));
        });
    }
}

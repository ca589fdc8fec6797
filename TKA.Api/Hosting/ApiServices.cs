using System.Text.Json.Serialization;
using k8s.Models;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using TKA.Api.ClusterInformation;
using TKA.Api.Configuration;
using TKA.Api.Endpoints;
using TKA.Api.Grants;
using TKA.Api.History;
using TKA.Api.Http;
using TKA.Api.Kubeconfig;
using TKA.Api.OpenApi;
using TKA.Api.OperatorTokens;
using TKA.Api.Problems;
using TKA.Api.Registration;
using TKA.Api.Sessions;
using TKA.Api.Telemetry;
using TKA.Api.Web;
using TKA.Contracts;
using TKA.Kubernetes;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.ServiceDefaults.Configuration;
using TKA.ServiceDefaults.Health;
using TKA.ServiceDefaults.Problems;
using TKA.Tailscale;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Hosting;

/// <summary>Registers what the API is made of.</summary>
internal static class ApiServices
{
    // People wait for sessions to be known again after the Kubernetes API was away.
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(3);

    /// <summary>Adds all services.</summary>
    public static void AddApi(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddApiOptions();
        services.AddTailscaleAuthentication(AuditRefusals);
        services.AddTailnetListener();
        services.RemoveDataProtectionKeys();
        services.AddSessions(builder.Configuration);
        services.AddClusterInformation(builder.Configuration);
        services.AddPages();
        services.AddHttpBehaviour();
        services.AddTkaOpenApi();
        if (builder.Configuration[$"{RegistrationOptions.Section}:url"] is { Length: > 0 })
        {
            services.AddSingleton<ClusterRegistration>();
            services.AddHostedService(provider => provider.GetRequiredService<ClusterRegistration>());
            services.AddHealthChecks().AddCheck<RegistrationHealthCheck>("registration", tags: [HealthTags.Ready]);
        }
    }

    /// <summary>Who is turned away at the door is a decision too.</summary>
    private static void AuditRefusals(TailscaleAuthenticationOptions options)
    {
        options.WriteRefusal = (context, refusal) =>
        {
            context.RequestServices.GetRequiredService<AuditLog>().Record(context.Features.Get<ITailscalePeerFeature>()?.Peer, refusal);
            return ProblemWriter.WriteAsync(context, refusal.ToProblem());
        };
    }

    /// <summary>
    /// AddAuthentication brings data protection along, which at start writes a key ring to the home directory. Nothing
    /// here protects data with it: there are no cookies and no state.
    /// </summary>
    private static void RemoveDataProtectionKeys(this IServiceCollection services)
    {
        foreach (var service in services.Where(service => service.ImplementationType?.Name == "DataProtectionHostedService").ToArray())
        {
            services.Remove(service);
        }
    }

    private static void AddApiOptions(this IServiceCollection services)
    {
        services.AddValidatedOptions<ServerOptions, OptionsValidation>(ServerOptions.Section);
        services.AddValidatedOptions<ApiOptions, OptionsValidation>(ApiOptions.Section);
        services.AddValidatedOptions<ClusterOptions, OptionsValidation>(ClusterOptions.Section);
        services.AddValidatedOptions<ClusterInfoOptions, OptionsValidation>(ClusterInfoOptions.Section);
        services.AddValidatedOptions<RegistrationOptions, OptionsValidation>(RegistrationOptions.Section);
    }

    private static void AddSessions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddKubernetes(configuration);
        services.AddResourceCache(
            ResourceTypes.TkaSignins,
            provider => provider.GetRequiredService<IOptions<ClusterOptions>>().Value.Namespace,
            new ResourceInformerOptions { MaxBackoff = LongestBackoff },
            prompt: true);
        services.AddSingleton<OngoingFailures>();
        services.AddHealthChecks()
            .AddCheck<SessionsHealthCheck>("sessions", tags: [HealthTags.Ready])
            .AddCheck<OperatorHealthCheck>("operator", tags: [HealthTags.Ready])
            .AddCheck<ClockHealthCheck>("clock", tags: [HealthTags.Ready]);
        services.AddSingleton<SessionRepository>();
        services.AddSingleton<SessionLocks>();
        services.AddSingleton<SessionQuery>();
        services.AddSingleton<LoginPolicy>();
        services.AddSingleton<AccessReview>();
        services.AddSingleton<LoginOutcomes>();
        services.AddSingleton<LoginService>();
        services.AddSingleton<LogoutService>();
        services.AddSingleton<Credentials>();
        services.AddSingleton<OperatorTokenClient>();
        services.AddSingleton<OperatorHistoryClient>();
        services.AddSingleton<KubeconfigFactory>();
        services.AddSingleton<GrantEnforcer>();
        services.AddSingleton<GrantRecheck>();
        services.AddHostedService<GrantRecheckService>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<ApiMetrics>();
        services.AddHostedService<SessionMetrics>();
    }

    private static void AddPages(this IServiceCollection services)
    {
        services.AddSingleton<OwnAccess>();
        services.AddSingleton<AccessPageBuilder>();
        services.AddSingleton<ExecKubeconfig>();
        services.AddSingleton<IProblemPage, ProblemPages>();
    }

    private static void AddClusterInformation(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ClusterState>();
        services.AddSingleton<ClusterDescription>();
        if (!configuration.GetValue($"{ClusterInfoOptions.Section}:configMapRef:enabled", false))
        {
            services.AddSingleton<IClusterInfoSource, ConfiguredClusterInfo>();
            return;
        }

        services.AddResourceClient<V1ConfigMap>(
            ResourceTypes.ConfigMaps, provider => provider.GetRequiredService<IOptions<ClusterInfoOptions>>().Value.ConfigMapRef.Namespace);
        services.AddSingleton<IClusterInfoSource, ConfigMapClusterInfo>();
        services.AddHealthChecks().AddCheck<ClusterInfoHealthCheck>("cluster-info", tags: [HealthTags.Ready]);
    }

    private static void AddHttpBehaviour(this IServiceCollection services)
    {
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, KestrelSetup>();
        services.AddOptions<HostOptions>().Configure<IOptions<ServerOptions>>((host, server) => host.ShutdownTimeout = server.Value.ShutdownTimeout);
        services.AddExceptionHandler<ProblemExceptionHandler>();
        services.AddProblemDetails();
        services.AddSingleton<NotReady>();
        services.AddRateLimiter(_ => { });
        services.AddSingleton<IConfigureOptions<RateLimiterOptions>, UserRateLimiter>();
        services.AddRequestTimeouts();
        services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<ServerOptions>>((timeouts, server) =>
            timeouts.DefaultPolicy = new RequestTimeoutPolicy
            {
                Timeout = server.Value.WriteTimeout,
                TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
            });

        // Failures to bind reach the exception handler as exceptions and are answered as problems, in every environment.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJsonContext.Default);
            options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        });
    }
}

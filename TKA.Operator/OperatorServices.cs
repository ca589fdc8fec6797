using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using TKA.Kubernetes;
using TKA.Kubernetes.Client;
using TKA.Operator.Configuration;
using TKA.Operator.Health;
using TKA.Operator.Options;
using TKA.Operator.Runtime.Controllers;
using TKA.Operator.Runtime.LeaderElection;
using TKA.Operator.Runtime.Queues;
using TKA.Operator.Sessions;
using TKA.Operator.Sessions.Access;
using TKA.Operator.Sessions.Events;
using TKA.Operator.Sessions.Leaving;
using TKA.Operator.Telemetry;
using TKA.Operator.Tokens;
using TKA.Operator.Tokens.Authentication;
using TKA.Operator.Tokens.Certificates;
using TKA.ServiceDefaults.Configuration;
using TKA.ServiceDefaults.Health;

namespace TKA.Operator;

/// <summary>Registration of the operator's parts.</summary>
internal static class OperatorServices
{
    /// <summary>Name of the Lease by which replicas agree on a leader.</summary>
    public const string LeaseName = "tka-operator";

    /// <summary>What a command needs that runs beside the operator: the operator's settings and its way to Kubernetes. Nothing is started.</summary>
    /// <param name="args">Arguments after the command's name.</param>
    /// <exception cref="ConfigurationException">An argument, the YAML file or a text is wrong.</exception>
    public static ServiceProvider ForCommand(string[] args)
    {
        var builder = OperatorSettings.Service.CreateBuilder(args, null);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddKubernetes(builder.Configuration);
        builder.Services.AddOperatorOptions();
        return builder.Services.BuildServiceProvider();
    }

    public static void AddOperatorOptions(this IServiceCollection services)
    {
        services.AddValidatedOptions<OperatorOptions, OperatorOptionsValidation>(OperatorOptions.Section);
        services.AddValidatedOptions<TokenServiceOptions, TokenServiceOptionsValidation>(TokenServiceOptions.Section);
        services.AddValidatedOptions<LedgerOptions, LedgerOptionsValidation>(LedgerOptions.Section);
    }

    public static void AddSessions(this IServiceCollection services)
    {
        // Sign-ins and sign-outs come through this one.
        services.AddResourceCache(ResourceTypes.TkaSignins, Sessions, prompt: true);
        services.AddResourceCache(ResourceTypes.ServiceAccounts, Sessions, labelSelector: SessionObjectsOf);
        services.AddResourceCache(ResourceTypes.RoleBindings, labelSelector: SessionObjectsOf);
        services.AddResourceCache(ResourceTypes.ClusterRoleBindings, labelSelector: SessionObjectsOf);
        services.AddResourceCache(ResourceTypes.ClusterRoles);
        services.AddResourceClient(ResourceTypes.Namespaces);
        services.AddResourceClient(ResourceTypes.Events, Sessions);
        services.AddResourceClient(ResourceTypes.Leases, System);
        services.AddResourceClient(ResourceTypes.Secrets, System);
        services.AddResourceClient(ResourceTypes.ConfigMaps, System);

        services.AddSingleton(provider => new OperatorMetrics(provider.GetService<IMeterFactory>()));
        services.AddSingleton(provider => new ControllerMetrics(provider.GetService<IMeterFactory>()));
        services.AddSingleton<SessionInventory>();
        services.AddSingleton<AccessRevoker>();
        services.AddSingleton<AccessProvisioner>();
        services.AddSingleton<ProvisioningProgress>();
        services.AddSingleton<CacheLag>();
        services.AddSingleton<SigninStatusWriter>();
        services.AddSingleton<SigninFinalizer>();
        services.AddSingleton<SessionRules>();
        services.AddSingleton<SessionQuota>();
        services.AddSingleton<RefusalMemory>();
        services.AddSingleton<OngoingFailures>();
        services.TryAddSingleton(new LeavingNames());
        services.AddSingleton<LeavingOwners>();
        services.AddSingleton<LeavingGuard>();
        services.AddSingleton<PolicyProof>();
        services.AddSingleton<LeadPreconditions>();
        services.AddSingleton<SessionReporter>();
        services.AddSingleton<SessionTeardown>();
        services.AddSingleton<SessionSetup>();
        services.AddSingleton<OrphanRemoval>();
        services.AddSingleton<SessionReconciler>();
        services.AddSingleton<SessionChanges>();
        services.AddSingleton<SessionController>();
        services.TryAddSingleton(new WorkQueueOptions());
        services.TryAddSingleton(provider => new LeaderElectionOptions
        {
            Namespace = provider.GetRequiredService<IOptions<OperatorOptions>>().Value.SystemNamespace,
            Name = LeaseName,

            // A container that restarts in its Pod takes its own lease over at once: the kubelet starts it only when the one before is dead.
            Identity = Environment.GetEnvironmentVariable("POD_NAME") is { Length: > 0 } pod ? pod : $"{Environment.MachineName}_{Guid.NewGuid():N}",
        });
        services.AddHostedSingleton<EventRecorder>();
        services.AddHostedSingleton<SessionLeader>();
        services.AddHostedSingleton<ForeignBindingSweep>();
        services.AddHostedService<StateMetrics>();
        services.AddHealthChecks()
            .AddCheck<CachesHealthCheck>("caches", tags: [HealthTags.Ready])
            .AddCheck<PolicyHealthCheck>("policies", tags: [HealthTags.Ready])
            .AddCheck<LeadershipHealthCheck>("leadership", tags: [HealthTags.Ready])
            .AddCheck<SessionsHealthCheck>("sessions", tags: [HealthTags.Ready])
            .AddCheck<ClockHealthCheck>("clock", tags: [HealthTags.Ready]);
    }

    public static void AddTokenService(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var certificate = new ServerCertificate();
        var listener = new TokenServiceListener();
        services.AddSingleton(certificate);
        services.AddSingleton(listener);
        services.AddSingleton<TokenReviewClient>();
        services.AddSingleton<TokenReviewer>();
        services.AddSingleton<SessionTokenIssuer>();
        services.AddHostedSingleton<CertificateManager>();
        services.AddAuthentication(TokenReviewAuthenticationHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, TokenReviewAuthenticationHandler>(TokenReviewAuthenticationHandler.SchemeName, null);

        // Needed while the host is being built; the same values are validated at start with all others.
        var options = builder.Configuration.GetSection(TokenServiceOptions.Section).Get<TokenServiceOptions>() ?? new TokenServiceOptions();
        var systemNamespace = (builder.Configuration.GetSection(OperatorOptions.Section).Get<OperatorOptions>() ?? new OperatorOptions()).SystemNamespace;
        var valid = new TokenServiceOptionsValidation().Validate(null, options);
        if (valid.Failed)
        {
            throw new OptionsValidationException(TokenServiceOptions.Section, typeof(TokenServiceOptions), valid.Failures);
        }

        services.AddAuthorization(authorization => TokenServicePolicies.AddAuthorization(authorization, options, systemNamespace));
        services.AddRateLimiter(limits => TokenServicePolicies.AddRateLimits(limits, options));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = 16 * 1024;
            listener.Listen(kestrel, options, certificate);
        });
        services.AddHealthChecks().AddCheck<CertificateHealthCheck>("certificate", tags: [HealthTags.Ready]);
    }

    private static string SessionObjectsOf(IServiceProvider provider) => SessionLabels.SelectorFor(Sessions(provider));

    private static string Sessions(IServiceProvider provider) => provider.GetRequiredService<IOptions<OperatorOptions>>().Value.Namespace;

    private static string System(IServiceProvider provider) => provider.GetRequiredService<IOptions<OperatorOptions>>().Value.SystemNamespace;

    private static void AddHostedSingleton<T>(this IServiceCollection services)
        where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(provider => provider.GetRequiredService<T>());
    }
}

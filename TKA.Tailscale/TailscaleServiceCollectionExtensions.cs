using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using TKA.Tailscale.Authentication;
using TKA.Tailscale.Authorization;
using TKA.Tailscale.Health;
using TKA.Tailscale.LocalApi;
using TKA.Tailscale.Serving;

namespace TKA.Tailscale;

/// <summary>Registers Tailscale identity.</summary>
public static class TailscaleServiceCollectionExtensions
{
    /// <summary>
    /// Adds the LocalAPI client, identity resolution and the health check <c>tailscale</c> (tag <c>ready</c>). Options
    /// come from section <see cref="TailscaleOptions.Section"/> and are validated at start. Calling it again changes nothing.
    /// </summary>
    public static IServiceCollection AddTailscale(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(TailscaleMetrics)))
        {
            return services;
        }

        services.AddOptions<TailscaleOptions>().BindConfiguration(TailscaleOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TailscaleOptions>, TailscaleOptionsValidator>());
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<TailscaleMetrics>();
        services.TryAddSingleton<ILocalApiClient, LocalApiClient>();
        services.TryAddSingleton<BackendStatus>();
        services.TryAddSingleton<MissLimiter>();
        services.TryAddSingleton<ConnectionOwner>();
        services.TryAddSingleton<TailscaledUser>();
        services.TryAddSingleton<ITailscaleIdentityResolver, TailscaleIdentityResolver>();
        services.TryAddSingleton<TailscaleCertificateProvider>();
        services.AddHealthChecks().AddCheck<TailscaleHealthCheck>("tailscale", tags: ["ready"]);
        return services;
    }

    /// <summary>
    /// Adds the scheme <see cref="TailscaleAuthenticationOptions.Scheme"/> and the policies of
    /// <see cref="TailscalePolicies"/>. Also calls <see cref="AddTailscale"/>.
    /// </summary>
    public static AuthenticationBuilder AddTailscaleAuthentication(
        this IServiceCollection services, Action<TailscaleAuthenticationOptions>? configure = null)
    {
        services.AddTailscale();
        services.AddSingleton<IAuthorizationHandler, TailscaleRequirementHandler>();
        services.AddAuthorizationBuilder()
            .AddPolicy(TailscalePolicies.Person, policy => policy.Require(new TailscaleRequirement()))
            .AddPolicy(TailscalePolicies.AnyRule, policy => policy.Require(new TailscaleRequirement { Rule = true }))
            .AddPolicy(TailscalePolicies.Admin, policy => policy.Require(new TailscaleRequirement { Admin = true }));
        return services
            .AddAuthentication(TailscaleAuthenticationOptions.Scheme)
            .AddScheme<TailscaleAuthenticationOptions, TailscaleAuthenticationHandler>(TailscaleAuthenticationOptions.Scheme, configure);
    }

    /// <summary>
    /// Serves the tailnet as section <see cref="TailnetListenerOptions.Section"/> says, with tailscaled's certificate
    /// when <c>tailscale:tls</c> asks for it. Starting fails on an address that the rules do not allow.
    /// </summary>
    public static IServiceCollection AddTailnetListener(this IServiceCollection services)
    {
        services.AddTailscale();
        services.AddOptions<TailnetListenerOptions>().BindConfiguration(TailnetListenerOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TailnetListenerOptions>, TailnetListenerOptionsValidator>());
        services.TryAddSingleton<OwnNames>();
        services.AddHostedService<ManagementExposure>();
        services.AddHostedService<TailnetListener>();
        services.AddHostedService<BackendWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<TailscaleCertificateProvider>());
        return services;
    }

    /// <summary>Asks for a known caller who meets <paramref name="requirement"/>.</summary>
    public static AuthorizationPolicyBuilder Require(this AuthorizationPolicyBuilder policy, TailscaleRequirement requirement) =>
        policy
            .AddAuthenticationSchemes(TailscaleAuthenticationOptions.Scheme)
            .RequireAuthenticatedUser()
            .AddRequirements(requirement);
}

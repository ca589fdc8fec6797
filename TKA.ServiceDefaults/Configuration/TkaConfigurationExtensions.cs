using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace TKA.ServiceDefaults.Configuration;

/// <summary>Configuration of a service: one list of settings, from files, environment and flags, bound to options.</summary>
public static class TkaConfigurationExtensions
{
    // Settings are read once. To watch appsettings.json, the host would watch every folder below the working directory.
    private const string NoReload = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>Creates the builder of a service from its settings and arguments.</summary>
    /// <param name="service">The service's settings.</param>
    /// <param name="args">Arguments of the executable; see <c>--help</c>.</param>
    /// <param name="configure">
    /// Called on the builder before its configuration is settled: adds configuration, which is then stronger than files, environment
    /// and arguments, or replaces services such as <see cref="TimeProvider"/>.
    /// </param>
    /// <exception cref="ConfigurationException">An argument, the file or a text is wrong; the message says what to write.</exception>
    public static WebApplicationBuilder CreateBuilder(this ServiceSettings service, string[] args, Action<WebApplicationBuilder>? configure)
    {
        ArgumentNullException.ThrowIfNull(service);
        var arguments = ServiceArguments.Parse(service, args);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = service.Name,
            Args = [NoReload, .. arguments.Values.Select(pair => $"--{pair.Key}={pair.Value}")],
        });
        configure?.Invoke(builder);
        builder.Configuration.AddTkaConfiguration(service, arguments.ConfigFile, Environment.GetEnvironmentVariable, out var hints);
        if (hints.Count > 0)
        {
            builder.Services.AddSingleton<IHostedService>(provider => new UnknownKeysReport(hints, provider.GetRequiredService<ILogger<UnknownKeysReport>>()));
        }

        return builder;
    }

    /// <summary>Binds options to a section, and validates them when the service starts.</summary>
    /// <typeparam name="TOptions">The options.</typeparam>
    /// <typeparam name="TValidation">Their checks; each message names key and value and says what to write.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="section">Name of the section, such as <c>operator:ledger</c>.</param>
    public static OptionsBuilder<TOptions> AddValidatedOptions<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TOptions,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TValidation>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidation : class, IValidateOptions<TOptions>
    {
        services.AddSingleton<IValidateOptions<TOptions>, TValidation>();
        return services.AddOptions<TOptions>().BindConfiguration(section).ValidateOnStart();
    }

    /// <summary>Adds the service's sources, and settles what they say.</summary>
    internal static void AddTkaConfiguration(
        this ConfigurationManager configuration,
        ServiceSettings service,
        string? configFile,
        Func<string, string?> environment,
        out IReadOnlyCollection<string> hints)
    {
        var fileKeys = EffectiveConfiguration.AddSources(configuration, service, configFile, environment);
        hints = [.. UnknownKeys.Hints(service, configuration, fileKeys)];
        EffectiveConfiguration.Settle(configuration, service);
    }
}

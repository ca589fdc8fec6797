using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TKA.DevEnvironment.Shared;
using TKA.DevEnvironment.Stack;

namespace TKA.DevStack;

/// <summary>How the services are hosted in this process.</summary>
internal static class ServiceHosting
{
    /// <summary>Tells a service its settings, and leaves signals to the program.</summary>
    public static void Configure(WebApplicationBuilder builder, string name, IEnumerable<KeyValuePair<string, string?>> settings, Uri? otlp, CommandLine options)
    {
        builder.Configuration.AddInMemoryCollection(settings);
        if (otlp is not null)
        {
            builder.Configuration.AddInMemoryCollection(
            [
                new("OTEL_EXPORTER_OTLP_ENDPOINT", otlp.ToString()),
                new("OTEL_SERVICE_NAME", name),
            ]);
        }

        Quiet(builder.Logging, name, options);
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
    }

    public static void Quiet(ILoggingBuilder logging, string component, CommandLine options)
    {
        logging.ClearProviders();
        // Every look at a service that is still starting would be an error here.
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        logging.AddProvider(new ConsoleLog(component, options.Verbose ? LogLevel.Information : LogLevel.Warning));
    }

    /// <summary>Keeps what the launch profile or the shell says about ports and configuration files from the services.</summary>
    public static void Isolate()
    {
        foreach (var name in (string[])["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "URLS", "HTTP_PORTS"])
        {
            Environment.SetEnvironmentVariable(name, null);
        }
        // appsettings.json does not change while the stack runs, and each watcher costs an inotify instance.
        Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
    }
}

using System.Globalization;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.DependencyInjection;
using TKA.DevEnvironment.Stack;

namespace TKA.AppHost.Composition;

/// <summary>What a laptop lacks: Kubernetes API, tailnet and Dapr state, as resources of the application. Not in what is published.</summary>
internal sealed class TkaDevEnvironment(StackLaunch launch, IResourceBuilder<ProjectResource>? servers)
{
    /// <summary>Ports on 127.0.0.1.</summary>
    public StackPorts Ports => Launch.Options.Ports;

    /// <summary>The run that the environment is for.</summary>
    public StackLaunch Launch { get; } = launch;

    /// <summary>The process of the servers; null when the application is published.</summary>
    public IResourceBuilder<ProjectResource>? Servers { get; } = servers;

    /// <summary>The Kubernetes API, once the servers are ready.</summary>
    public Uri ClusterUrl => ClusterUrlOf(Launch.Files);

    /// <summary>Settings of a service. Read when the service starts, after the wait: the cluster's CA is new with every start.</summary>
    /// <param name="service">Name of the resource.</param>
    public IEnumerable<KeyValuePair<string, string?>> SettingsOf(string service)
    {
        var number = ClusterResources.NumberOf(service);
        var (files, tailnet) = (Launch.Files.OfCluster(number), number == 1 ? Launch.Tailnet : StackTailnet.Embedded(Launch.Files, number));
        var settings = new ComponentSettings(Launch.Files, Ports, tailnet, number);
        return service.Split('-')[0] switch
        {
            "api" => settings.Api(ClusterUrlOf(files), File.ReadAllText(files.ClusterCa)),
            "operator" => settings.Operator(),
            _ => settings.Orchestrator(),
        };
    }

    private static Uri ClusterUrlOf(StackFiles files) => new(File.ReadAllText(files.ClusterUrl).Trim());
}

/// <summary>Adds the development environment and connects services to it.</summary>
internal static class TkaDevEnvironmentExtensions
{
    /// <summary>Adds the servers as one process, and each of them as a child resource.</summary>
    public static TkaDevEnvironment AddTkaDevEnvironment(this IDistributedApplicationBuilder builder, StackLaunch launch)
    {
        if (!builder.ExecutionContext.IsRunMode)
        {
            return new TkaDevEnvironment(launch, null);
        }

        // Also where the program is started in another directory than `dotnet run` does.
        var settings = new JsonConfigurationSource { Path = Path.Combine(builder.AppHostDirectory, "appsettings.json"), Optional = true };
        settings.ResolveFileProvider();
        builder.Configuration.Sources.Insert(0, settings);

        // Without it the command would return while resources still stop.
        builder.Configuration["DcpPublisher:WaitForResourceCleanup"] = "true";
        var (options, ports) = (launch.Options, launch.Options.Ports);
        var servers = builder.AddProject<Projects.TKA_DevEnvironment>("dev-environment")
            .WithArgs(
            [
                "--data", launch.Files.Directory,
                "--ports", ports.ToString(),
                "--cluster", options.HostCluster ? "kubeconfig" : "embedded",
                "--tailnet", options.HostTailnet ? "host" : "embedded",
                "--clusters", options.Clusters.ToString(CultureInfo.InvariantCulture),
                "--yes",
                .. options.Verbose ? ["--verbose"] : Array.Empty<string>(),
            ])
            .WithHttpEndpoint(ports.DevHealth, ports.DevHealth, ServiceResources.Management, "DEV_HEALTH_PORT", isProxied: false)
            .WithHttpHealthCheck("/readyz", endpointName: ServiceResources.Management)
            .DisableForwardedHeaders()
            .ExcludeFromManifest();
        var dev = new TkaDevEnvironment(launch, servers);
        builder.AddDevServers(dev);
        builder.Services.AddSingleton(dev);
        builder.Services.AddHostedService<StackReadiness>();
        return dev;
    }

    /// <summary>Makes a service wait for the development environment and find what it needs there.</summary>
    public static IResourceBuilder<ProjectResource> WithReference(this IResourceBuilder<ProjectResource> service, TkaDevEnvironment dev) =>
        dev.Servers is null ? service : service.WaitFor(dev.Servers).WithEnvironment(context =>
        {
            var variables = context.EnvironmentVariables;
            var sidecar = variables.GetValueOrDefault(DaprSidecar.Endpoint);
            foreach (var (key, value) in dev.SettingsOf(service.Resource.Name))
            {
                variables[key.Replace(":", "__", StringComparison.Ordinal)] = value ?? "";
            }

            if (sidecar is not null)
            {
                variables[DaprSidecar.Endpoint] = sidecar;
            }
        });
}

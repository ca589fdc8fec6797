using Microsoft.Extensions.Configuration;
using TKA.DevEnvironment.Stack;

namespace TKA.AppHost.Composition;

/// <summary>
/// The laptop's part of the application: the servers of TKA.DevEnvironment as a resource, and where the services find them. Not
/// in what is published.
/// </summary>
/// <remarks>
/// No endpoint is proxied: TKA's identity is the connection's own remote address, and behind DCP's proxy everybody would be the
/// proxy.
/// </remarks>
internal sealed class StackResources
{
    private readonly StackFiles _files;
    private readonly ComponentSettings _settings;
    private readonly bool _hostTailnet;
    private readonly string[] _arguments;

    /// <summary>Reads the options after <c>--</c> that Aspire's configuration carries.</summary>
    public StackResources(IConfiguration configuration, string appHostDirectory)
    {
        _files = new StackFiles(configuration["data"] ?? Path.Combine(appHostDirectory, "..", ".tka", "dev"));
        Ports = configuration["ports"] == "auto" ? StackPorts.Free() : new StackPorts();
        _hostTailnet = configuration["tailnet"] == "host";
        _settings = new ComponentSettings(_files, Ports, _hostTailnet ? "" : _files.TailscaledSocket);
        _arguments =
        [
            "--data", _files.Directory,
            "--ports", Ports.ToString(),
            "--cluster", configuration["cluster"] ?? "embedded",
            "--tailnet", configuration["tailnet"] ?? "embedded",
            "--yes",
            .. Environment.GetCommandLineArgs().Contains("--demo") ? ["--demo"] : Array.Empty<string>(),
        ];
    }

    /// <summary>Ports on 127.0.0.1.</summary>
    public StackPorts Ports { get; }

    /// <summary>Adds the servers, and makes the services wait for them and find them.</summary>
    public void AddDevEnvironment(
        IDistributedApplicationBuilder builder,
        IResourceBuilder<ProjectResource> operatorService,
        IResourceBuilder<ProjectResource> orchestrator,
        IResourceBuilder<ProjectResource> api)
    {
        var dev = builder.AddProject<Projects.TKA_DevEnvironment>("dev")
            .WithArgs(_arguments)
            .WithHttpEndpoint(Ports.DevHealth, Ports.DevHealth, "management", isProxied: false)
            .WithHttpHealthCheck("/readyz", endpointName: "management")
            .ExcludeFromManifest();

        Configure(operatorService, dev, () => _settings.Operator());
        Configure(orchestrator, dev, () => _settings.Orchestrator(!_hostTailnet));
        Configure(api, dev, () => _settings.Api(ClusterUrl(), File.ReadAllText(_files.ClusterCa), !_hostTailnet));

        if (DaprSidecar.IsAvailable)
        {
            DaprSidecar.Add(builder, operatorService, "tka-operator");
            DaprSidecar.Add(builder, orchestrator, "tka-orchestrator");
        }
    }

    private Uri ClusterUrl() => new(File.ReadAllText(_files.ClusterUrl).Trim());

    /// <summary>Settings are read when the service starts, after the wait: the cluster's CA is new with every start.</summary>
    private static void Configure(
        IResourceBuilder<ProjectResource> service,
        IResourceBuilder<ProjectResource> dev,
        Func<IEnumerable<KeyValuePair<string, string?>>> settings) =>
        service.WaitFor(dev).WithEnvironment(context =>
        {
            foreach (var (key, value) in settings())
            {
                context.EnvironmentVariables[key.Replace(":", "__", StringComparison.Ordinal)] = value ?? "";
            }
        });
}

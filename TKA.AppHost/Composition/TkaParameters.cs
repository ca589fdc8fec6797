namespace TKA.AppHost.Composition;

/// <summary>
/// Parameters of the application. They are given as Aspire takes them: <c>--Parameters:NAME=VALUE</c>, <c>Parameters__NAME</c> in the
/// environment, user secrets, or the question of <c>aspire publish</c>.
/// </summary>
/// <remarks>
/// None has a default in the manifest: aspirate takes a parameter with a default for a password to generate. None is a secret: TKA's
/// credentials are Secrets of the cluster, and aspirate writes what an environment variable refers to into a ConfigMap.
/// </remarks>
internal sealed class TkaParameters
{
    /// <summary>Configuration section of the values.</summary>
    public const string Section = "Parameters";

    /// <summary>Name of the parameter with the tailnet: <c>embedded</c> or <c>host[:SOCKET]</c> when it runs here.</summary>
    public const string Tailnet = "tailnet-source";

    /// <summary>Name of the parameter with the cluster: <c>embedded</c> or <c>kubeconfig</c> when it runs here.</summary>
    public const string Cluster = "cluster-source";

    private readonly IDistributedApplicationBuilder _builder;

    /// <summary>Adds the parameters.</summary>
    public TkaParameters(IDistributedApplicationBuilder builder, StackLaunch launch)
    {
        _builder = builder;
        MaxPeriod = Optional("max-period", "24h", "Longest session, whatever the grant says: a Go duration, 24h at most.");
        if (builder.ExecutionContext.IsRunMode)
        {
            Show(Cluster, launch.Options.HostCluster ? "kubeconfig" : "embedded", "Cluster of this run: embedded, or kubeconfig (the current context of KUBECONFIG).");
            Show(Tailnet, launch.Options.HostTailnet ? "host" : "embedded", "Tailnet of this run: embedded, or host (the tailscaled of this machine).");
            return;
        }

        Deployment = new DeploymentParameters
        {
            Overlay = ForFiles(Optional("overlay", "minimal", "Which of deploy/overlays: minimal, standard or ha.")),
            ClusterName = Optional("cluster-name", "tka-cluster", "Name of the cluster in kubeconfigs and at the orchestrator."),
            ClusterEndpoint = Required("cluster-endpoint", "The Kubernetes API as people reach it, for example https://kubernetes.example.com:6443."),
            ClusterCa = ForFiles(Optional("cluster-ca", "", "base64 of the cluster's CA bundle; empty when a public CA signed its certificate.")),
            Registry = ForFiles(Required("image-registry", "Where TKA's images are, for example ghcr.io/your-organisation/tka.")),
            Tag = ForFiles(Optional("image-tag", "0.1.0", "Tag of TKA's images.")),
            Hostname = ForFiles(Optional("tailnet-hostname", "tka", "Name of the API's node on the tailnet.")),
            Tailnet = ForFiles(Optional("tailnet-name", "", "DNS name of the tailnet, for example example.ts.net. Only the overlay ha needs it.")),
        };
    }

    /// <summary>Longest session.</summary>
    public IResourceBuilder<ParameterResource> MaxPeriod { get; }

    /// <summary>What is asked for when the application is published; null when it runs.</summary>
    public DeploymentParameters? Deployment { get; }

    /// <summary>The <c>aspire</c> command asks for what has no value; without it Aspire would wait for an answer for ever.</summary>
    private bool CanAsk => !string.IsNullOrEmpty(_builder.Configuration["ASPIRE_BACKCHANNEL_PATH"]);

    private bool IsManifest => _builder.Configuration["Publishing:Publisher"] == "manifest";

    private IResourceBuilder<ParameterResource> Required(string name, string description) =>
        CanAsk ? _builder.AddParameter(name).WithDescription(description) : Optional(name, "", description);

    private IResourceBuilder<ParameterResource> Optional(string name, string standard, string description) =>
        _builder.AddParameter(name, () => _builder.Configuration[$"{Section}:{name}"] ?? standard).WithDescription(description);

    /// <summary>Leaves a parameter out of the manifest, where no service refers to it and aspirate would ask for it all the same.</summary>
    private IResourceBuilder<ParameterResource> ForFiles(IResourceBuilder<ParameterResource> parameter) => IsManifest ? parameter.ExcludeFromManifest() : parameter;

    private void Show(string name, string value, string description) => _builder.AddParameter(name, value).WithDescription(description);
}

/// <summary>Parameters of a deployment in a cluster.</summary>
internal sealed record DeploymentParameters
{
    public required IResourceBuilder<ParameterResource> Overlay { get; init; }

    public required IResourceBuilder<ParameterResource> ClusterName { get; init; }

    public required IResourceBuilder<ParameterResource> ClusterEndpoint { get; init; }

    public required IResourceBuilder<ParameterResource> ClusterCa { get; init; }

    public required IResourceBuilder<ParameterResource> Registry { get; init; }

    public required IResourceBuilder<ParameterResource> Tag { get; init; }

    public required IResourceBuilder<ParameterResource> Hostname { get; init; }

    public required IResourceBuilder<ParameterResource> Tailnet { get; init; }
}

/// <summary>Gives parameters to services.</summary>
internal static class TkaParameterExtensions
{
    /// <summary>Adds the parameters of the application.</summary>
    public static TkaParameters AddTkaParameters(this IDistributedApplicationBuilder builder, StackLaunch launch) => new(builder, launch);

    /// <summary>Tells the API which cluster it serves. When it runs here, the development environment does.</summary>
    public static IResourceBuilder<ProjectResource> WithCluster(this IResourceBuilder<ProjectResource> api, TkaParameters parameters) =>
        parameters.Deployment is not { } deployment ? api : api
            .WithEnvironment("operator__clusterName", deployment.ClusterName)
            .WithEnvironment("clusterInfo__apiEndpoint", deployment.ClusterEndpoint);
}

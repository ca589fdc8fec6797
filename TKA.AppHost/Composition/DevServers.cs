using Microsoft.Extensions.DependencyInjection;
using TKA.AppHost.Commands;
using TKA.DevEnvironment.Stack;

namespace TKA.AppHost.Composition;

/// <summary>One of the servers of the development environment. It lives and ends with their process.</summary>
internal sealed class DevServerResource(string name, ProjectResource parent) : Resource(name), IResourceWithParent<ProjectResource>
{
    /// <inheritdoc/>
    public ProjectResource Parent { get; } = parent;
}

/// <summary>The servers as children of their process, so that the dashboard shows what is there and where.</summary>
internal static class DevServers
{
    /// <summary>Adds a resource for each server that the options ask for.</summary>
    public static void AddDevServers(this IDistributedApplicationBuilder builder, TkaDevEnvironment dev)
    {
        var (servers, options, files) = (dev.Servers!, dev.Launch.Options, dev.Launch.Files);
        var addresses = new StackAddresses(options.Ports);
        var kubernetes = builder.AddDevServer(servers, "kubernetes", "Cloud", options.HostCluster ? "kubeconfig" : $"https://127.0.0.1:{options.Ports.Kubernetes}");
        kubernetes.WithUrlOnceReady(servers, "Kubernetes", () => dev.ClusterUrl);
        var tailnet = builder.AddDevServer(servers, "tailnet", "PlugConnected", options.HostTailnet ? dev.Launch.Tailnet.Socket : files.TailscaledSocket);
        if (!options.HostTailnet)
        {
            tailnet.WithTailnetCommands(dev);
            tailnet.WithUrlOnceReady(servers, "Policy", () => new Uri(files.Policy));
        }

        if (!DaprSidecar.IsAvailable)
        {
            builder.AddDevServer(servers, "dapr-state", "Database", addresses.Dapr.ToString()).WithPauseCommands(dev);
        }
    }

    private static IResourceBuilder<DevServerResource> AddDevServer(
        this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> servers, string name, string icon, string address)
    {
        var server = builder.AddResource(new DevServerResource(name, servers.Resource))
            .WithInitialState(new CustomResourceSnapshot
            {
                ResourceType = "Development server",
                State = KnownResourceStates.Waiting,
                Properties = [new ResourcePropertySnapshot("address", address)],
            })
            .WithIconName(icon)
            .ExcludeFromManifest();
        builder.Eventing.Subscribe<ResourceReadyEvent>(
            servers.Resource, (started, _) => PublishAsync(started.Services, server.Resource, snapshot => snapshot with { State = KnownResourceStates.Running }));
        builder.Eventing.Subscribe<ResourceStoppedEvent>(
            servers.Resource, (stopped, _) => PublishAsync(stopped.Services, server.Resource, snapshot => snapshot with { State = KnownResourceStates.Exited }));
        return server;
    }

    /// <summary>Shows an address that is known when the servers are ready. Browsers copy a link to a file and do not open it.</summary>
    private static void WithUrlOnceReady(this IResourceBuilder<DevServerResource> server, IResourceBuilder<ProjectResource> servers, string name, Func<Uri> url) =>
        server.ApplicationBuilder.Eventing.Subscribe<ResourceReadyEvent>(servers.Resource, (ready, _) => PublishAsync(
            ready.Services,
            server.Resource,
            snapshot => snapshot with { Urls = [new UrlSnapshot(name, url().ToString(), IsInternal: false) { DisplayProperties = new(name) }] }));

    private static Task PublishAsync(IServiceProvider services, DevServerResource server, Func<CustomResourceSnapshot, CustomResourceSnapshot> change) =>
        services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(server, change);
}

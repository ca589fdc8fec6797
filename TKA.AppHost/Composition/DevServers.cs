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
        builder.AddDevServer(servers, "kubernetes", "Cloud", options.HostCluster ? "kubeconfig" : $"https://127.0.0.1:{options.Ports.Kubernetes}");
        var tailnet = builder.AddDevServer(servers, "tailnet", "PlugConnected", options.HostTailnet ? dev.Launch.Tailnet.Socket : files.TailscaledSocket);
        if (!options.HostTailnet)
        {
            tailnet.WithTailnetCommands(dev);
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
            servers.Resource, (started, _) => PublishAsync(started.Services, server.Resource, KnownResourceStates.Running));
        builder.Eventing.Subscribe<ResourceStoppedEvent>(
            servers.Resource, (stopped, _) => PublishAsync(stopped.Services, server.Resource, KnownResourceStates.Exited));
        return server;
    }

    private static Task PublishAsync(IServiceProvider services, DevServerResource server, string state) =>
        services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(server, snapshot => snapshot with { State = state });
}

using System.Globalization;
using TKA.DevEnvironment.Stack;

namespace TKA.AppHost.Composition;

/// <summary>Clusters of a stack beyond the first (<c>--clusters 3</c>): an operator and an API for each, on a loopback address of their own.</summary>
internal static class ClusterResources
{
    /// <summary>Names of the resources of a cluster.</summary>
    /// <param name="number">Number of the cluster, from 1.</param>
    public static string[] Services(int number) =>
        number == 1 ? ["operator", "api"] : [string.Create(CultureInfo.InvariantCulture, $"operator-{number}"), string.Create(CultureInfo.InvariantCulture, $"api-{number}")];

    /// <summary>Number of the cluster that a resource of <see cref="Services"/> belongs to.</summary>
    /// <param name="service">Name of the resource.</param>
    public static int NumberOf(string service) => service.Split('-') is [_, var number] ? int.Parse(number, CultureInfo.InvariantCulture) : 1;

    /// <summary>Adds the services of a cluster.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="number">Number of the cluster, from 2.</param>
    /// <param name="dev">The development environment, which has the cluster's servers.</param>
    /// <param name="orchestrator">Starts after the cluster, so that it finds it at its first look.</param>
    /// <param name="first">API of the first cluster. Starts after the orchestrator, so that it registers at its first try.</param>
    public static void AddFurtherCluster(
        this IDistributedApplicationBuilder builder,
        int number,
        TkaDevEnvironment dev,
        IResourceBuilder<ProjectResource> orchestrator,
        IResourceBuilder<ProjectResource> first)
    {
        var names = Services(number);
        builder.AddTkaService<Projects.TKA_Operator>(names[0], dev.Ports.OperatorHealth)
            .WithDaprSidecar($"tka-{names[0]}")
            .WithReference(dev)
            .At(number);
        var api = builder.AddTkaService<Projects.TKA_Api>(names[1], dev.Ports.ApiHealth)
            .WithTailnetEndpoint(dev.Ports.Api, "tailscale__port")
            .WithReference(dev)
            .At(number);
        orchestrator.WaitFor(api);
        if (number == 2)
        {
            first.WaitFor(orchestrator);
        }
    }

    /// <summary>Puts the endpoints on the cluster's address, where the service listens. The ports are those of the first cluster.</summary>
    private static IResourceBuilder<ProjectResource> At(this IResourceBuilder<ProjectResource> service, int number)
    {
        foreach (var endpoint in service.Resource.Annotations.OfType<EndpointAnnotation>())
        {
            endpoint.TargetHost = StackAddresses.LoopbackOf(number).ToString();
        }

        return service;
    }
}

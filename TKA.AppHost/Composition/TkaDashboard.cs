using TKA.AppHost.Commands;

namespace TKA.AppHost.Composition;

/// <summary>How the dashboard shows the application: names of addresses, icons, commands.</summary>
internal static class TkaDashboard
{
    /// <summary>Dresses the resources. Nothing happens when the application is published.</summary>
    public static void WithTkaDashboard(
        this IDistributedApplicationBuilder builder,
        TkaDevEnvironment dev,
        IResourceBuilder<ProjectResource> api,
        IResourceBuilder<ProjectResource> operatorService,
        IResourceBuilder<ProjectResource> orchestrator)
    {
        if (dev.Servers is null)
        {
            return;
        }

        api.WithIconName("KeyMultiple").WithServiceUrls("API");
        orchestrator.WithIconName("Organization").WithServiceUrls("Orchestrator");
        operatorService.WithIconName("PersonKey").WithManagementUrls();
        operatorService.WithCrashCommand();
        if (dev.Launch.Tailnet.IsEmbedded)
        {
            api.WithSessionCommands(dev);
        }

        dev.Servers.WithIconName("Laptop").WithUrlForEndpoint(ServiceResources.Management, url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly);
    }

    private static IResourceBuilder<ProjectResource> WithServiceUrls(this IResourceBuilder<ProjectResource> service, string name) => service
        .WithUrlForEndpoint(ServiceResources.Tailnet, url => url.DisplayText = name)
        .WithUrlForEndpoint(ServiceResources.Tailnet, endpoint => new ResourceUrlAnnotation { Url = $"{endpoint.Url}/scalar", DisplayText = $"{name} reference" })
        .WithManagementUrls();

    private static IResourceBuilder<ProjectResource> WithManagementUrls(this IResourceBuilder<ProjectResource> service) => service
        .WithUrlForEndpoint(ServiceResources.Management, url => (url.Url, url.DisplayText) = ($"{url.Url}/readyz?verbose", "Health"))
        .WithUrlForEndpoint(ServiceResources.Management, endpoint => new ResourceUrlAnnotation
        {
            Url = $"{endpoint.Url}/metrics",
            DisplayText = "Metrics",
            DisplayLocation = UrlDisplayLocation.DetailsOnly,
        });
}

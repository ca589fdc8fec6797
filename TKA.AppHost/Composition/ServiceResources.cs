namespace TKA.AppHost.Composition;

/// <summary>What TKA's services have in common as resources.</summary>
/// <remarks>
/// No endpoint is proxied, and no forwarded header is believed: the identity of a caller is the remote address of its own connection.
/// Behind DCP's proxy all callers would be the proxy, and a header is the caller's to choose.
/// </remarks>
internal static class ServiceResources
{
    /// <summary>Name of the endpoint for health and metrics.</summary>
    public const string Management = "management";

    /// <summary>Name of the endpoint for people and clusters of the tailnet.</summary>
    public const string Tailnet = "http";

    /// <summary>Adds a service with its management listener. It is healthy when it is ready.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="managementPort">Port of health and metrics on 127.0.0.1.</param>
    public static IResourceBuilder<ProjectResource> AddTkaService<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int managementPort)
        where TProject : IProjectMetadata, new() =>
        builder.AddProject<TProject>(name)
            .WithHttpEndpoint(managementPort, managementPort, Management, "management__port", isProxied: false)
            .WithHttpHealthCheck("/readyz", endpointName: Management)
            .DisableForwardedHeaders();

    /// <summary>Adds the endpoint that the service has on the tailnet.</summary>
    /// <param name="service">The service.</param>
    /// <param name="port">Its port.</param>
    /// <param name="setting">Environment variable of the setting that takes the port.</param>
    public static IResourceBuilder<ProjectResource> WithTailnetEndpoint(this IResourceBuilder<ProjectResource> service, int port, string setting) =>
        service.WithHttpEndpoint(port, port, Tailnet, setting, isProxied: false);
}

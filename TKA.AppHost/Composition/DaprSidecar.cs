namespace TKA.AppHost.Composition;

/// <summary>Dapr beside a service: a real sidecar when <c>daprd</c> is on PATH, the state server of the development environment otherwise.</summary>
internal static class DaprSidecar
{
    /// <summary>Environment variable with the address of Dapr's gRPC API.</summary>
    public const string Endpoint = "DAPR_GRPC_ENDPOINT";

    /// <summary>Whether <c>daprd</c> is on PATH.</summary>
    public static bool IsAvailable { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(directory => File.Exists(Path.Combine(directory, OperatingSystem.IsWindows() ? "daprd.exe" : "daprd")));

    /// <summary>Gives a service its Dapr. In a cluster the annotations of <c>deploy/</c> do, so nothing is published.</summary>
    /// <param name="service">The service.</param>
    /// <param name="appId">Its app id, under which Dapr keeps its state.</param>
    public static IResourceBuilder<ProjectResource> WithDaprSidecar(this IResourceBuilder<ProjectResource> service, string appId)
    {
        var builder = service.ApplicationBuilder;
        if (!builder.ExecutionContext.IsRunMode || !IsAvailable)
        {
            return service;
        }

        var sidecar = builder.AddExecutable($"{service.Resource.Name}-dapr", "daprd", Path.Combine(builder.AppHostDirectory, ".."))
            .WithEndpoint(name: "grpc", scheme: "http", env: "DAPR_SIDECAR_GRPC_PORT")
            .WithEndpoint(name: "http", scheme: "http", env: "DAPR_SIDECAR_HTTP_PORT")
            .WithParentRelationship(service)
            .WithIconName("BoxMultiple")
            .ExcludeFromManifest();
        var grpc = sidecar.GetEndpoint("grpc");
        sidecar.WithArgs(
            "--app-id", appId,
            "--resources-path", "deploy/dapr/local",
            "--dapr-grpc-port", grpc.Property(EndpointProperty.TargetPort),
            "--dapr-http-port", sidecar.GetEndpoint("http").Property(EndpointProperty.TargetPort),
            "--dapr-listen-addresses", "127.0.0.1",
            "--metrics-port", "0",
            "--log-level", "warn");
        return service.WaitForStart(sidecar).WithEnvironment(Endpoint, grpc);
    }
}

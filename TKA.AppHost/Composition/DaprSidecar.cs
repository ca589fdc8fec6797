namespace TKA.AppHost.Composition;

/// <summary>A real Dapr sidecar, when <c>daprd</c> is on PATH; without it the services use the embedded state server.</summary>
internal static class DaprSidecar
{
    /// <summary>Whether <c>daprd</c> is on PATH.</summary>
    public static bool IsAvailable { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(directory => File.Exists(Path.Combine(directory, OperatingSystem.IsWindows() ? "daprd.exe" : "daprd")));

    /// <summary>Adds the sidecar of a service and points the service at it.</summary>
    public static void Add(IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> service, string appId)
    {
        var sidecar = builder.AddExecutable($"{service.Resource.Name}-dapr", "daprd", Path.Combine(builder.AppHostDirectory, ".."))
            .WithEndpoint(name: "grpc", scheme: "http", env: "DAPR_SIDECAR_GRPC_PORT")
            .WithEndpoint(name: "http", scheme: "http", env: "DAPR_SIDECAR_HTTP_PORT")
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
        service.WaitForStart(sidecar).WithEnvironment("DAPR_GRPC_ENDPOINT", grpc);
    }
}

namespace TKA.DevEnvironment.Stack;

/// <summary>Where the parts of a stack are.</summary>
/// <param name="ports">Ports on 127.0.0.1.</param>
internal sealed class StackAddresses(StackPorts ports)
{
    /// <summary>The API, for <c>tka --server</c>.</summary>
    public Uri Server => At(ports.Api);

    /// <summary>The orchestrator, for <c>tka --orchestrator</c>.</summary>
    public Uri Orchestrator => At(ports.Orchestrator);

    /// <summary>Health and metrics of the API.</summary>
    public Uri ApiHealth => At(ports.ApiHealth);

    /// <summary>Health and metrics of the operator.</summary>
    public Uri OperatorHealth => At(ports.OperatorHealth);

    /// <summary>Health and metrics of the orchestrator.</summary>
    public Uri OrchestratorHealth => At(ports.OrchestratorHealth);

    /// <summary>Dapr's gRPC API.</summary>
    public Uri Dapr => At(ports.Dapr);

    /// <summary>The operator's token service.</summary>
    public Uri TokenService => new($"https://127.0.0.1:{ports.Tokens}");

    private static Uri At(int port) => new($"http://127.0.0.1:{port}");
}

using System.Net;

namespace TKA.DevEnvironment.Stack;

/// <summary>Where the parts of a stack are.</summary>
/// <param name="ports">Their ports.</param>
/// <param name="tailnet">Address of API and orchestrator on the tailnet; null for 127.0.0.1, where everything else is.</param>
internal sealed class StackAddresses(StackPorts ports, IPAddress? tailnet = null)
{
    /// <summary>The API, for <c>tka --server</c>.</summary>
    public Uri Server => new($"http://{tailnet ?? IPAddress.Loopback}:{ports.Api}");

    /// <summary>The orchestrator, for <c>tka --orchestrator</c>.</summary>
    public Uri Orchestrator => new($"http://{tailnet ?? IPAddress.Loopback}:{ports.Orchestrator}");

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

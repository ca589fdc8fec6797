using System.Net;

namespace TKA.DevEnvironment.Stack;

/// <summary>Where the parts of a stack are.</summary>
/// <param name="ports">Their ports.</param>
/// <param name="tailnet">Address of the first API and the orchestrator on the tailnet; null for 127.0.0.1, where everything else is.</param>
/// <param name="cluster">The cluster whose parts are meant. The ports are the same for all; each cluster beyond the first has a loopback address of its own.</param>
internal sealed class StackAddresses(StackPorts ports, IPAddress? tailnet = null, int cluster = 1)
{
    /// <summary>The API, for <c>tka --server</c>.</summary>
    public Uri Server => cluster == 1 ? new($"http://{tailnet ?? IPAddress.Loopback}:{ports.Api}") : At(ports.Api);

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
    public Uri TokenService => new($"https://{LoopbackOf(cluster)}:{ports.Tokens}");

    /// <summary>Where the servers and services of a cluster listen.</summary>
    /// <param name="cluster">Number of the cluster, from 1.</param>
    public static IPAddress LoopbackOf(int cluster) => cluster == 1 ? IPAddress.Loopback : TailnetNodeOf(cluster);

    /// <summary>The loopback address that the embedded tailnet knows a cluster's node by.</summary>
    /// <param name="cluster">Number of the cluster, from 1.</param>
    public static IPAddress TailnetNodeOf(int cluster) => new([127, 0, 0, (byte)(9 + cluster)]);

    private Uri At(int port) => new($"http://{LoopbackOf(cluster)}:{port}");
}

using System.Globalization;

namespace TKA.DevEnvironment.Stack;

/// <summary>
/// What each component is told in a stack: configuration keys and values, the same whether they run in one process or under
/// Aspire. Only addresses and files; no component has a development mode.
/// </summary>
/// <param name="files">Files of the stack.</param>
/// <param name="ports">Ports of the stack.</param>
/// <param name="tailnet">Tailnet of the stack.</param>
/// <param name="cluster">Number of the cluster, from 1.</param>
internal sealed class ComponentSettings(StackFiles files, StackPorts ports, StackTailnet tailnet, int cluster = 1)
{
    private const string SessionsNamespace = "tka-sessions";
    private const string SystemNamespace = "tka-system";
    private readonly StackAddresses _addresses = new(ports, tailnet.Address, cluster);
    private readonly StackFiles _files = files.OfCluster(cluster);

    /// <summary>Of the API.</summary>
    /// <param name="clusterUrl">The Kubernetes API as users reach it.</param>
    /// <param name="clusterCaPem">Its CA, PEM.</param>
    public IEnumerable<KeyValuePair<string, string?>> Api(Uri clusterUrl, string clusterCaPem)
    {
        ArgumentNullException.ThrowIfNull(clusterUrl);
        Dictionary<string, string?> settings = new(Common(ports.ApiHealth))
        {
            ["kubernetes:kubeconfig"] = _files.Api.Kubeconfig,
            ["operator:namespace"] = SessionsNamespace,
            ["operator:clusterName"] = NameOf(cluster),
            ["operator:tokenService:url"] = _addresses.TokenService.ToString(),
            ["operator:tokenService:caFile"] = _files.Api.OperatorCa,
            ["operator:tokenService:tokenFile"] = _files.Api.OperatorToken,
            ["clusterInfo:apiEndpoint"] = clusterUrl.GetLeftPart(UriPartial.Authority),
            ["clusterInfo:caData"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(clusterCaPem)),
            ["clusterInfo:labels:environment"] = cluster switch { 2 => "staging", 3 => "prod", _ => "dev" },
            ["server:address"] = tailnet.ListenAddress,
            ["tailscale:port"] = Text(ports.Api),
            ["tailscale:tls"] = "false",
            ["tailscale:socket"] = tailnet.Socket,
        };
        // The first cluster registers; the others are found by the tag of their nodes, so that a stack shows both ways. In userspace mode
        // nothing on this machine reaches the orchestrator as a node of the tailnet, so the cluster is not registered.
        settings["orchestrator:url"] = cluster == 1 && tailnet.IsReachableFromHere ? _addresses.Orchestrator.ToString() : "";
        settings["orchestrator:tkaEndpoint"] = tailnet.IsReachableFromHere ? _addresses.Server.ToString() : "";

        if (tailnet.IsEmbedded)
        {
            settings["orchestrator:sourceAddress"] = StackAddresses.TailnetNodeOf(cluster).ToString();
        }

        return settings;
    }

    /// <summary>Of the operator.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Operator() =>
        new Dictionary<string, string?>(Common(ports.OperatorHealth))
        {
            ["kubernetes:kubeconfig"] = _files.Operator.Kubeconfig,
            ["operator:namespace"] = SessionsNamespace,
            ["operator:systemNamespace"] = SystemNamespace,
            ["operator:tokenService:address"] = StackAddresses.LoopbackOf(cluster).ToString(),
            ["operator:tokenService:port"] = Text(ports.Tokens),
            ["operator:tokenService:certificateNames:0"] = StackAddresses.LoopbackOf(cluster).ToString(),
            ["operator:tokenService:allowedServiceAccounts:0"] = $"system:serviceaccount:{SystemNamespace}:tka-api",
            ["dapr:stateStore"] = "statestore",
            ["DAPR_GRPC_ENDPOINT"] = Url(_addresses.Dapr),
        };

    /// <summary>Of the orchestrator.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Orchestrator() =>
        new Dictionary<string, string?>(Common(ports.OrchestratorHealth))
        {
            ["server:address"] = tailnet.ListenAddress,
            ["server:port"] = Text(ports.Orchestrator),
            ["tailscale:port"] = Text(ports.Orchestrator),
            ["tailscale:tls"] = "false",
            ["tailscale:socket"] = tailnet.Socket,
            ["dapr:stateStore"] = "statestore",
            ["DAPR_GRPC_ENDPOINT"] = Url(_addresses.Dapr),
            ["orchestrator:allowHttp"] = "true",
            ["orchestrator:clusterPort"] = Text(ports.Api),
        };

    /// <summary>Name of a cluster: <c>dev</c>, <c>dev-2</c>, ...</summary>
    /// <param name="cluster">Number of the cluster, from 1.</param>
    public static string NameOf(int cluster) => cluster == 1 ? "dev" : string.Create(CultureInfo.InvariantCulture, $"dev-{cluster}");

    private Dictionary<string, string?> Common(int healthPort) => new()
    {
        ["management:address"] = StackAddresses.LoopbackOf(cluster).ToString(),
        ["management:port"] = Text(healthPort),
    };

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static string Url(Uri uri) => uri.GetLeftPart(UriPartial.Authority);
}

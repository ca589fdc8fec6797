namespace TKA.DevEnvironment.Stack;

/// <summary>The files of a stack, all under its data directory.</summary>
/// <param name="directory">The data directory (<c>--data</c>).</param>
internal sealed class StackFiles(string directory)
{
    /// <summary>The data directory, absolute.</summary>
    public string Directory { get; } = Path.GetFullPath(directory);

    /// <summary>Addresses and paths as <c>KEY=VALUE</c> lines. There only while the stack is ready.</summary>
    public string Env => In("env");

    /// <summary>Kubeconfig of a cluster administrator.</summary>
    public string AdminKubeconfig => In("admin.kubeconfig");

    /// <summary>Address of the Kubernetes API, for who starts after it.</summary>
    public string ClusterUrl => In("cluster.url");

    /// <summary>CA of the Kubernetes API, PEM.</summary>
    public string ClusterCa => In("cluster-ca.crt");

    /// <summary>The tailnet policy. Survives restarts.</summary>
    public string Policy => In("policy.hujson");

    /// <summary>Socket of the embedded tailscaled.</summary>
    public string TailscaledSocket => In("tailscaled.sock");

    /// <summary>Held by the stack that uses the directory.</summary>
    public string Lock => In("lock");

    /// <summary>
    /// Held by the process of the development servers under an Aspire AppHost. A lock of its own, because this process may outlive an
    /// AppHost that was killed for some seconds.
    /// </summary>
    public string ServersLock => In("servers.lock");

    /// <summary>What the kubelet would mount into the API's Pod.</summary>
    public PodFiles Api => new(In("api"));

    /// <summary>What the kubelet would mount into the operator's Pod.</summary>
    public PodFiles Operator => new(In("operator"));

    /// <summary>Files of one of several clusters; the first one's are these.</summary>
    /// <param name="number">Number of the cluster, from 1.</param>
    public StackFiles OfCluster(int number) => number == 1 ? this : new StackFiles(In($"cluster-{number}"));

    private string In(string name) => Path.Combine(Directory, name);
}

/// <summary>Files of one component's Pod.</summary>
/// <param name="Directory">Where they are.</param>
internal sealed record PodFiles(string Directory)
{
    /// <summary>Kubeconfig under the component's own ServiceAccount.</summary>
    public string Kubeconfig => Path.Combine(Directory, "kubeconfig");

    /// <summary>Token of the ServiceAccount, for the Kubernetes API.</summary>
    public string Token => Path.Combine(Directory, "token");

    /// <summary>Projected token for the operator's token service (API only).</summary>
    public string OperatorToken => Path.Combine(Directory, "operator-token");

    /// <summary>The CA of the operator's token service, from its ConfigMap (API only).</summary>
    public string OperatorCa => Path.Combine(Directory, "operator-ca.crt");
}

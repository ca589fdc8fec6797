namespace TKA.Api.Configuration;

/// <summary>Section <c>clusterInfo</c>: what users are told about the cluster.</summary>
internal sealed class ClusterInfoOptions
{
    public const string Section = "clusterInfo";

    /// <summary>URL of the Kubernetes API as users reach it.</summary>
    public string ApiEndpoint { get; set; } = "";

    /// <summary>CA bundle, base64 of PEM.</summary>
    public string CaData { get; set; } = "";

    /// <summary>Whether clients are told not to verify the certificate.</summary>
    public bool InsecureSkipTLSVerify { get; set; }

    /// <summary>Labels of the cluster.</summary>
    public Dictionary<string, string> Labels { get; set; } = [];

    /// <summary>A ConfigMap to read endpoint and CA from.</summary>
    public ConfigMapRefOptions ConfigMapRef { get; set; } = new();
}

/// <summary>Section <c>clusterInfo:configMapRef</c>.</summary>
internal sealed class ConfigMapRefOptions
{
    /// <summary>Whether the ConfigMap is read.</summary>
    public bool Enabled { get; set; }

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its namespace.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>Its keys.</summary>
    public ConfigMapKeys Keys { get; set; } = new();
}

/// <summary>Section <c>clusterInfo:configMapRef:keys</c>.</summary>
internal sealed class ConfigMapKeys
{
    /// <summary>Key of the endpoint.</summary>
    public string ApiEndpoint { get; set; } = "apiEndpoint";

    /// <summary>Key of the CA bundle, base64 of PEM.</summary>
    public string CaData { get; set; } = "caData";

    /// <summary>Key of the switch not to verify.</summary>
    public string Insecure { get; set; } = "insecure";

    /// <summary>Key of a kubeconfig in kubeadm's style.</summary>
    public string Kubeconfig { get; set; } = "kubeconfig";
}

/// <summary>Section <c>orchestrator</c>: the registry this cluster announces itself to.</summary>
internal sealed class RegistrationOptions
{
    public const string Section = "orchestrator";

    /// <summary>Base URL; empty: the cluster is not announced.</summary>
    public string Url { get; set; } = "";

    /// <summary>Local address to connect from; empty: the system chooses, or tailscaled connects where the tailnet is no network interface.</summary>
    public string SourceAddress { get; set; } = "";

    /// <summary>Proxy to connect through; empty: none.</summary>
    public string Proxy { get; set; } = "";

    /// <summary>How often the registration is renewed.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Description for people.</summary>
    public string Description { get; set; } = "";

    /// <summary>Which installation this is, the same for all its replicas; empty: derived from the cluster's address, its CA and the namespace of the sessions.</summary>
    public string InstallationId { get; set; } = "";

    /// <summary>URL of this API on the tailnet; empty: from the node's name.</summary>
    public string TkaEndpoint { get; set; } = "";
}

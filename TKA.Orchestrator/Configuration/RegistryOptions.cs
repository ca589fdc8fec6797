namespace TKA.Orchestrator.Configuration;

/// <summary>Section <c>orchestrator</c>: leases and discovery.</summary>
internal sealed class RegistryOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "orchestrator";

    /// <summary>How often clusters are expected to renew (<c>orchestrator:heartbeat</c> of the API).</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Heartbeats a cluster may miss before it is <c>stale</c>.</summary>
    public int MissedHeartbeats { get; set; } = 3;

    /// <summary>How long a cluster stays in the registry after its last heartbeat.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Tag of the nodes that TKA runs on in other clusters; they are listed as found on the tailnet. Empty: none are.</summary>
    public string ClusterTag { get; set; } = "tag:tka-cluster";

    /// <summary>Tags of which a tagged node needs one to register clusters. Empty: any tag will do.</summary>
    public IList<string> RegistrarTags { get; } = [];

    /// <summary>Clusters that one node may register.</summary>
    public int MaxClustersPerNode { get; set; } = 16;

    /// <summary>Age from which a cluster is stale.</summary>
    public TimeSpan StaleAfter => Heartbeat * MissedHeartbeats;
}

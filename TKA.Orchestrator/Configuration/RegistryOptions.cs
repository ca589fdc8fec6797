namespace TKA.Orchestrator.Configuration;

/// <summary>Section <c>orchestrator</c>: leases and discovery.</summary>
internal sealed class RegistryOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "orchestrator";

    /// <summary>Tag that was the default before; accepted for one release.</summary>
    public const string OlderClusterTag = "tag:tka-cluster";

    /// <summary>How often clusters are expected to renew (<c>orchestrator:heartbeat</c> of the API).</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Heartbeats a cluster may miss before it is <c>stale</c>.</summary>
    public int MissedHeartbeats { get; set; } = 3;

    /// <summary>How long a cluster stays in the registry after its last heartbeat.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Tag of the nodes that TKA runs on: they may register, and are asked when they do not. Empty: only admins register, nothing is looked for.</summary>
    public string ClusterTag { get; set; } = "tag:tka";

    /// <summary>Port that nodes found by their tag are asked at.</summary>
    public int ClusterPort { get; set; } = 443;

    /// <summary>Whether clusters may serve plain http or name an address of this machine. For development stacks only.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>Age from which a cluster is stale.</summary>
    public TimeSpan StaleAfter => Heartbeat * MissedHeartbeats;

    /// <summary>Whether a node with these tags runs TKA.</summary>
    public bool IsClusterNode(IReadOnlyList<string>? tags) =>
        ClusterTag.Length > 0 && tags is not null && (tags.Contains(ClusterTag) || tags.Contains(OlderClusterTag));
}

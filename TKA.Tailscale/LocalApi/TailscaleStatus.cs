namespace TKA.Tailscale.LocalApi;

/// <summary>Answer of <c>status</c>.</summary>
public sealed record TailscaleStatus
{
    /// <summary>The only <see cref="BackendState"/> in which identities may be trusted.</summary>
    public const string Running = "Running";

    /// <summary>Version of tailscaled.</summary>
    public string Version { get; init => field = value ?? ""; } = "";

    /// <summary>Whether the tailnet is a network interface of this machine; <see langword="false"/> in userspace networking.</summary>
    public bool TUN { get; init; }

    /// <summary><c>NoState</c>, <c>NeedsLogin</c>, <c>NeedsMachineAuth</c>, <c>Stopped</c>, <c>Starting</c> or <c>Running</c>.</summary>
    public string BackendState { get; init => field = value ?? ""; } = "";

    /// <summary>Addresses of this node.</summary>
    public IReadOnlyList<string>? TailscaleIPs { get; init; }

    /// <summary>This node.</summary>
    public PeerStatus? Self { get; init; }

    /// <summary>What tailscaled finds wrong with itself, for people.</summary>
    public IReadOnlyList<string>? Health { get; init; }

    /// <summary>The tailnet; <see langword="null"/> before login.</summary>
    public CurrentTailnet? CurrentTailnet { get; init; }

    /// <summary>Names that certificates can be had for.</summary>
    public IReadOnlyList<string>? CertDomains { get; init; }

    /// <summary>Peers by node key; <see langword="null"/> when none or not asked for.</summary>
    public IReadOnlyDictionary<string, PeerStatus>? Peer { get; init; }

    /// <summary>Users by id; <see langword="null"/> when not asked for.</summary>
    public IReadOnlyDictionary<string, UserProfile>? User { get; init; }
}

/// <summary>A node as <c>status</c> describes it.</summary>
public sealed record PeerStatus
{
    /// <summary>Stable id, equal to <see cref="WhoIsNode.StableID"/>.</summary>
    public string ID { get; init => field = value ?? ""; } = "";

    /// <summary>Name the node gives itself.</summary>
    public string HostName { get; init => field = value ?? ""; } = "";

    /// <summary>MagicDNS name with trailing dot.</summary>
    public string DNSName { get; init => field = value ?? ""; } = "";

    /// <summary>Id of the owner. Exceeds 2^53.</summary>
    public long UserID { get; init; }

    /// <summary>Addresses.</summary>
    public IReadOnlyList<string>? TailscaleIPs { get; init; }

    /// <summary>Tags; absent when untagged.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Whether the node is connected to the control plane.</summary>
    public bool Online { get; init; }

    /// <summary>Whether its key has expired.</summary>
    public bool Expired { get; init; }
}

/// <summary>The tailnet this node belongs to.</summary>
public sealed record CurrentTailnet
{
    /// <summary>For example <c>example.com</c>.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>For example <c>tail0test.ts.net</c>.</summary>
    public string MagicDNSSuffix { get; init => field = value ?? ""; } = "";
}

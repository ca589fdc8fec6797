namespace TKA.Tailscale.LocalApi;

/// <summary>Answer of <c>serve-config</c>: what is served, and what Funnel opens to the internet.</summary>
public sealed record ServeConfig
{
    /// <summary>Forwarded TCP ports.</summary>
    public IReadOnlyDictionary<string, TcpPortHandler>? TCP { get; init; }

    /// <summary><c>host:port</c> to whether Funnel reaches it.</summary>
    public IReadOnlyDictionary<string, bool>? AllowFunnel { get; init; }

    /// <summary>Configurations that live as long as a session of the CLI, by session id.</summary>
    public IReadOnlyDictionary<string, ServeConfig>? Foreground { get; init; }

    /// <summary>Every <c>host:port</c> that Funnel opens, foreground sessions included.</summary>
    public IEnumerable<string> FunnelHosts() =>
        (AllowFunnel ?? new Dictionary<string, bool>())
            .Where(entry => entry.Value)
            .Select(entry => entry.Key)
            .Concat((Foreground ?? new Dictionary<string, ServeConfig>()).Values.SelectMany(inner => inner.FunnelHosts()));
}

/// <summary>What happens on one served TCP port.</summary>
public sealed record TcpPortHandler
{
    /// <summary>HTTPS is terminated here.</summary>
    public bool HTTPS { get; init; }

    /// <summary>HTTP is served here.</summary>
    public bool HTTP { get; init; }

    /// <summary>Target of a TCP forward, <c>host:port</c>; empty when there is none.</summary>
    public string TCPForward { get; init => field = value ?? ""; } = "";
}

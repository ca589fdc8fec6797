namespace TKA.Tailscale.LocalApi;

/// <summary>Answer of <c>serve-config</c>: what is served, and what Funnel opens to the internet.</summary>
public sealed record ServeConfig
{
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

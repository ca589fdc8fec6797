namespace TKA.Tailscale.Serving;

/// <summary>Section <c>server</c>: where to serve the tailnet.</summary>
public sealed class TailnetListenerOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "server";

    /// <summary>Value of <see cref="Address"/> for the node's own tailnet addresses.</summary>
    public const string Tailnet = "tailnet";

    /// <summary>
    /// An IPv4 loopback address (the default: userspace networking, the tailscale sidecar), one of the node's tailnet
    /// addresses, or <c>tailnet</c> for all of them as tailscaled reports them (needs a TUN device).
    /// </summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>
    /// Path of a unix socket to serve <c>tailscale serve</c> on (<c>tailscale serve unix:PATH</c>), beside
    /// <see cref="Address"/>. Linux only: the kernel's peer credentials must name tailscaled's user. Empty: none. tailscaled takes such
    /// a target from root only since 1.98.9; beside a sidecar use <see cref="ServeAddress"/>.
    /// </summary>
    public string ServeSocket { get; set; } = "";

    /// <summary>
    /// IPv4 loopback address and port to serve <c>tailscale serve</c> on, like <c>127.0.0.2:8444</c>, beside <see cref="Address"/>.
    /// Linux only: the kernel must name tailscaled's user as the owner of the other end. Never 127.0.0.1, where tailscaled in userspace
    /// mode forwards what any tailnet peer sends, headers forged. Empty: none.
    /// </summary>
    public string ServeAddress { get; set; } = "";

    /// <summary>Port; not set: <c>tailscale:port</c>. 0 picks a free one.</summary>
    public int? Port { get; set; }

    /// <summary>
    /// Allows an address outside the tailnet, a wildcard included. Only for a server that something else shields:
    /// callers who are not on the tailnet are still refused, but each costs a WhoIs question.
    /// </summary>
    public bool AllowAnyAddress { get; set; }

    /// <summary>Names that requests may use for this server beside its own, for example of a proxy in front.</summary>
    public IReadOnlyList<string> AllowedHosts { get; set; } = [];
}

namespace TKA.Tailscale;

/// <summary>Section <c>tailscale</c>: how to reach tailscaled and what to read from the tailnet policy.</summary>
public sealed class TailscaleOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "tailscale";

    /// <summary>Default of <see cref="CapName"/>, the Go TKA's.</summary>
    public const string DefaultCapName = "specht-labs.de/cap/tka";

    /// <summary>
    /// Path of tailscaled's unix socket, or <c>\\.\pipe\…</c> on Windows. Empty: the system's default. The tailscale
    /// container image listens on <c>/tmp/tailscaled.sock</c> unless <c>TS_SOCKET</c> says otherwise.
    /// </summary>
    public string? Socket { get; set; }

    /// <summary>Short name of TKA's node on the tailnet.</summary>
    public string Hostname { get; set; } = "tka";

    /// <summary>Port that TKA serves on.</summary>
    public int Port { get; set; } = 443;

    /// <summary>MagicDNS suffix such as <c>tail0test.ts.net</c>. Empty: asked from tailscaled.</summary>
    public string Tailnet { get; set; } = "";

    /// <summary>Name of the capability that grants give, a domain and a path.</summary>
    public string CapName { get; set; } = DefaultCapName;

    /// <summary>Whether to serve HTTPS with a certificate from tailscaled. Not set: only on port 443.</summary>
    public bool? Tls { get; set; }

    /// <summary>
    /// How long an identity stays good for its own connection before tailscaled is asked again. Zero: ask for every
    /// request. A revoked grant is followed this much later.
    /// </summary>
    public TimeSpan WhoIsCache { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for an answer of tailscaled, certificates excepted.</summary>
    public TimeSpan LocalApiTimeout { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// How many connections of unknown origin per source address may have tailscaled asked about them in a burst; each
    /// costs it 180 ms under its main lock. Refilled at a tenth of this per second. Known peers use nothing of it. In a Pod
    /// everybody comes from 127.0.0.1; there tailscaled's own connections, told by the socket's user id, have one of their own.
    /// </summary>
    public int WhoIsMissBurst { get; set; } = 20;

    /// <summary>Whether HTTPS is served, <see cref="Tls"/> or its default considered.</summary>
    public bool ServesTls => Tls ?? Port == 443;
}

using static TKA.ServiceDefaults.Configuration.SettingKind;

namespace TKA.ServiceDefaults.Configuration;

/// <summary>Settings that several services have.</summary>
public static class SharedSettings
{
    /// <summary>Logs and telemetry, of every service.</summary>
    public static IReadOnlyList<Setting> Telemetry { get; } =
    [
        new("debug", Switch, "false", "Log at level Debug.") { Flag = "debug" },
        new("otel:endpoint", Endpoint, "", "OTLP endpoint for traces, metrics and logs, like OTEL_EXPORTER_OTLP_ENDPOINT: a URL, or host:port as for the Go TKA. Empty: none are sent.") { Means = "OTEL_EXPORTER_OTLP_ENDPOINT" },
        new("otel:insecure", Switch, "true", "Whether an otel.endpoint without a scheme is plain http."),
    ];

    /// <summary>Health and metrics, of every service.</summary>
    public static IReadOnlyList<Setting> Management { get; } =
    [
        new("management:address", Text, "127.0.0.1", "Address of health and metrics. In a pod beside a tailscale sidecar: the pod's own address, because the tailnet reaches loopback; with a userspace tailscaled the default is refused, and 127.0.0.1 must be set by name if peers may read them."),
        new("management:port", Port, "8080", "Port of health and metrics. 0 picks a free one."),
        new("health:port", Port, "8080", "The Go TKA's name of management.port.") { Flag = "health-port", Means = "management:port" },
    ];

    /// <summary>The node on the tailnet, of services that serve it.</summary>
    public static IReadOnlyList<Setting> Tailscale { get; } =
    [
        new("tailscale:socket", FilePath, "", "Socket of tailscaled. Empty: the system's default."),
        new("tailscale:hostname", Text, "tka", "Short name of the service's node on the tailnet.") { Flag = "server", Letter = 's' },
        new("tailscale:port", Port, "443", "Port the service listens on. 0 picks a free one.") { Flag = "port", Letter = 'p' },
        new("tailscale:tailnet", Text, "", "MagicDNS suffix of the tailnet, like example.ts.net. Empty: asked from tailscaled."),
        new("tailscale:capName", Text, "specht-labs.de/cap/tka", "Capability that grants give.") { Flag = "cap-name", Letter = 'n' },
        new("tailscale:tls", Switch, "", "Serve HTTPS with a certificate from tailscaled. Not set: only on port 443."),
        new("tailscale:whoIsCache", Duration, "5s", "How long an identity stays good for its own connection. 0s asks tailscaled for every request."),
        new("tailscale:localApiTimeout", Duration, "1.5s", "Longest wait for an answer of tailscaled."),
        new("tailscale:whoIsMissBurst", Number, "20", "Burst of connections of unknown origin that tailscaled is asked about."),
        new("tailscale:stateDir", FilePath, "", "Kept from the Go TKA and ignored: tailscaled keeps the node's state.") { Flag = "dir", Letter = 'd' },
    ];

    /// <summary>Where the tailnet is served.</summary>
    public static IReadOnlyList<Setting> Listener { get; } =
    [
        new("server:address", Text, "127.0.0.1", "Address to listen on: 127.0.0.1 beside a tailscale sidecar, a tailnet address of the node, or 'tailnet' for all of them (needs a TUN device)."),
        new("server:port", Port, "", "Port to listen on when it is not tailscale.port. 0 picks a free one."),
        new("server:allowAnyAddress", Switch, "false", "Allow server.address to be neither loopback nor a tailnet address. Only behind something that keeps others out."),
        new("server:serveSocket", FilePath, "", "Unix socket to serve \"tailscale serve unix:PATH\" on, beside server.address. Only tailscaled's own user gets in; Linux only."),
        new("server:serveAddress", Text, "", "Loopback address other than 127.0.0.1, and port, to serve \"tailscale serve http://127.0.0.2:8444\" on, beside server.address. Only tailscaled's own user gets in; Linux only."),
        new("server:allowedHosts", List, "", "More host names the service answers to, beside its own."),
        new("server:debug", Switch, "", "The Go TKA's name of debug.") { Means = "debug" },
    ];

    /// <summary>The Kubernetes API, of services that speak to it.</summary>
    public static IReadOnlyList<Setting> Kubernetes { get; } =
    [
        new("kubernetes:kubeconfig", FilePath, "", "Kubeconfig of the service's ServiceAccount. Empty: in-cluster, else the user's default."),
        new("kubernetes:context", Text, "", "Context of that kubeconfig. Empty: its current one."),
        new("kubernetes:requestTimeout", Duration, "15s", "Longest wait for an answer of the Kubernetes API when nobody is waiting, as when sessions are listed at start."),
    ];
}

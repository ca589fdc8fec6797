using static TKA.Api.Configuration.SettingKind;

namespace TKA.Api.Configuration;

/// <summary>
/// Every setting of the API. <c>--help</c>, the <c>TKA_</c> environment variables, the checks at start and
/// docs/configuration.md all follow from this list.
/// </summary>
internal static class Settings
{
    public static IReadOnlyList<Setting> All { get; } =
    [
        new("debug", Switch, "false", "Log at level Debug.") { Flag = "debug" },
        new("otel:endpoint", Url, "", "OTLP endpoint for traces, metrics and logs, like OTEL_EXPORTER_OTLP_ENDPOINT. Empty: none are sent.") { Means = "OTEL_EXPORTER_OTLP_ENDPOINT" },
        new("otel:insecure", Switch, "true", "Kept from the Go TKA and not needed: the scheme of otel.endpoint decides."),

        new("tailscale:socket", FilePath, "", "Socket of tailscaled. Empty: the system's default."),
        new("tailscale:hostname", Text, "tka", "Short name of TKA's node on the tailnet.") { Flag = "server", Letter = 's' },
        new("tailscale:port", Port, "443", "Port the API listens on. 0 picks a free one.") { Flag = "port", Letter = 'p' },
        new("tailscale:tailnet", Text, "", "MagicDNS suffix of the tailnet, like example.ts.net. Empty: asked from tailscaled."),
        new("tailscale:capName", Text, "specht-labs.de/cap/tka", "Capability that grants give.") { Flag = "cap-name", Letter = 'n' },
        new("tailscale:tls", Switch, "", "Serve HTTPS with a certificate from tailscaled. Not set: only on port 443."),
        new("tailscale:whoIsCache", Duration, "5s", "How long an identity stays good for its own connection. 0s asks tailscaled for every request."),
        new("tailscale:localApiTimeout", Duration, "1.5s", "Longest wait for an answer of tailscaled."),
        new("tailscale:whoIsMissBurst", Integer, "20", "Burst of connections of unknown origin that tailscaled is asked about."),
        new("tailscale:stateDir", FilePath, "", "Kept from the Go TKA and ignored: tailscaled keeps the node's state.") { Flag = "dir", Letter = 'd' },

        new("server:address", Text, "127.0.0.1", "Address to listen on: 127.0.0.1 beside a tailscale sidecar, a tailnet address of the node, or 'tailnet' for all of them (needs a TUN device)."),
        new("server:port", Port, "", "Port to listen on when it is not tailscale.port. 0 picks a free one."),
        new("server:allowAnyAddress", Switch, "false", "Allow server.address to be neither loopback nor a tailnet address. Only behind something that keeps others out."),
        new("server:serveSocket", FilePath, "", "Unix socket to serve \"tailscale serve unix:PATH\" on, beside server.address. Only tailscaled's own user gets in; Linux only."),
        new("server:allowedHosts", List, "", "More host names the API answers to, beside its own."),
        new("server:readTimeout", Duration, "10s", "Longest time for reading a request."),
        new("server:readHeaderTimeout", Duration, "5s", "Longest time for reading the request line and headers; also for a new connection to send its first byte."),
        new("server:writeTimeout", Duration, "20s", "Longest time for an answer, beside what the client asked to wait."),
        new("server:idleTimeout", Duration, "120s", "How long an idle connection is kept."),
        new("server:shutdownTimeout", Duration, "10s", "How long requests in flight may take when the server stops."),
        new("server:maxConnections", Integer, "20000", "Most connections at a time."),
        new("server:maxRequestBodySize", Integer, "16384", "Largest request body, in bytes."),

        new("management:address", Text, "127.0.0.1", "Address of health and metrics. In a pod beside a tailscale sidecar: the pod's own address, because the tailnet reaches loopback."),
        new("management:port", Port, "8080", "Port of health and metrics. 0 picks a free one."),
        new("health:port", Port, "8080", "The Go TKA's name of management.port.") { Flag = "health-port", Means = "management:port" },

        new("kubernetes:kubeconfig", FilePath, "", "Kubeconfig of the API's ServiceAccount. Empty: in-cluster, else the user's default."),
        new("kubernetes:context", Text, "", "Context of that kubeconfig. Empty: its current one."),
        new("kubernetes:requestTimeout", Duration, "15s", "Longest wait for an answer of the Kubernetes API when nobody is waiting, as when sessions are listed at start."),

        new("operator:namespace", Text, "tka-sessions", "Namespace of the sessions."),
        new("operator:clusterName", Text, "tka-cluster", "Name of the cluster in kubeconfigs and in the orchestrator."),
        new("operator:contextPrefix", Text, "tka-context-", "Start of context names in kubeconfigs."),
        new("operator:userPrefix", Text, "tka-user-", "Start of user names in kubeconfigs."),
        new("operator:tokenService:url", Url, "https://tka-operator.tka-system.svc:8443", "The operator's token service."),
        new("operator:tokenService:caFile", FilePath, "/var/run/tka/operator-ca/ca.crt", "CA bundle the token service is checked against; read again when it changes."),
        new("operator:tokenService:tokenFile", FilePath, "/var/run/secrets/tka/token", "The API's projected ServiceAccount token with audience tka-operator; read again when it changes."),
        new("operator:tokenService:timeout", Duration, "1.5s", "Longest wait for a token service that gives no sign of life."),

        new("api:maxPeriod", Duration, "24h", "Longest session, whatever the grant says."),
        new("api:grantRecheck", Duration, "1m", "How often the grant of every session is looked at again."),
        new("api:retryAfterSeconds", Integer, "1", "Retry-After of answers that are not ready yet."),
        new("api:rateLimit:permitsPerMinute", Integer, "300", "Requests one person may send per minute. 0: no limit."),
        new("api:rateLimit:burst", Integer, "100", "Requests one person may send at once."),
        new("api:upstreamTimeout", Duration, "1.5s", "How long a request waits for a Kubernetes API that gives no sign of life before it is answered 503."),
        new("api:slowTimeout", Duration, "10s", "How long a request waits for a Kubernetes API or an operator that is slow, but answers when asked whether it is there."),
        new("api:endingTimeout", Duration, "1.5s", "How long a login waits for the previous session to be gone."),

        new("clusterInfo:apiEndpoint", Url, "", "URL of the Kubernetes API as users reach it. Required unless clusterInfo.configMapRef is enabled.") { Flag = "api-endpoint" },
        new("clusterInfo:caData", Base64, "", "CA bundle of that API, base64 of PEM. Empty: the system's roots.") { Flag = "ca-data" },
        new("clusterInfo:insecureSkipTLSVerify", Switch, "false", "Tell clients not to verify that API's certificate. For development only.") { Flag = "insecure-skip-tls-verify" },
        new("clusterInfo:labels", Map, "", "Labels of the cluster: name=value,name=value.") { Flag = "labels" },
        new("clusterInfo:configMapRef:enabled", Switch, "false", "Read endpoint and CA from a ConfigMap in place of clusterInfo.apiEndpoint."),
        new("clusterInfo:configMapRef:name", Text, "", "Name of the ConfigMap, like cluster-info."),
        new("clusterInfo:configMapRef:namespace", Text, "", "Its namespace, like kube-public."),
        new("clusterInfo:configMapRef:keys:apiEndpoint", Text, "apiEndpoint", "Its key of the endpoint."),
        new("clusterInfo:configMapRef:keys:caData", Text, "caData", "Its key of the CA bundle, base64 of PEM."),
        new("clusterInfo:configMapRef:keys:insecure", Text, "insecure", "Its key of the switch not to verify."),
        new("clusterInfo:configMapRef:keys:kubeconfig", Text, "kubeconfig", "Its key of a kubeconfig, as kubeadm writes it; when present it is used in place of the others."),

        new("orchestrator:url", Url, "", "The orchestrator to register this cluster with. Empty: none."),
        new("orchestrator:sourceAddress", Text, "", "Local address to connect to the orchestrator from."),
        new("orchestrator:proxy", Url, "", "Proxy to the orchestrator, such as tailscaled's outbound proxy in userspace mode (socks5:// or http://)."),
        new("orchestrator:heartbeat", Duration, "30s", "How often the registration is renewed."),
        new("orchestrator:description", Text, "", "Description of the cluster for people."),
        new("orchestrator:tkaEndpoint", Url, "", "URL of this API on the tailnet. Empty: from tailscale.hostname and tailscaled's answer."),
    ];

    private static readonly Dictionary<string, Setting> ByKey = All.ToDictionary(setting => setting.Key, StringComparer.OrdinalIgnoreCase);

    /// <summary>The setting of a key, written with <c>:</c> or <c>.</c>, in any case.</summary>
    public static Setting? Find(string key) => ByKey.GetValueOrDefault(key.Replace('.', ':'));
}

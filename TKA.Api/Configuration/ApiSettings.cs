using TKA.ServiceDefaults.Configuration;
using static TKA.ServiceDefaults.Configuration.SettingKind;

namespace TKA.Api.Configuration;

/// <summary>Every setting of the API.</summary>
internal static class ApiSettings
{
    private static readonly Setting[] Own =
    [
        new("server:readTimeout", Duration, "10s", "Longest time for reading a request."),
        new("server:readHeaderTimeout", Duration, "5s", "Longest time for reading the request line and headers; also for a new connection to send its first byte."),
        new("server:writeTimeout", Duration, "20s", "Longest time for an answer, beside what the client asked to wait."),
        new("server:idleTimeout", Duration, "120s", "How long an idle connection is kept."),
        new("server:shutdownTimeout", Duration, "10s", "How long requests in flight may take when the server stops."),
        new("server:maxConnections", Number, "20000", "Most connections at a time."),
        new("server:maxRequestBodySize", Number, "16384", "Largest request body, in bytes."),

        new("operator:namespace", Text, "tka-sessions", "Namespace of the sessions."),
        new("operator:clusterName", Text, "tka-cluster", "Name of the cluster in kubeconfigs and in the orchestrator."),
        new("operator:allowedRoles", List, "", "The operator's setting of this name, so that tka access tells what it will not bind. Empty: view, tka-edit, tka-admin."),
        new("operator:clusterWideRoles", List, "", "The operator's setting of this name. Empty: view."),
        new("operator:contextPrefix", Text, "tka-context-", "Start of context names in kubeconfigs."),
        new("operator:userPrefix", Text, "tka-user-", "Start of user names in kubeconfigs."),
        new("operator:tokenService:url", Url, "https://tka-operator.tka-system.svc:8443", "The operator's token service."),
        new("operator:tokenService:caFile", FilePath, "/var/run/tka/operator-ca/ca.crt", "CA bundle the token service is checked against; read again when it changes."),
        new("operator:tokenService:tokenFile", FilePath, "/var/run/secrets/tka/token", "The API's projected ServiceAccount token with audience tka-operator; read again when it changes."),
        new("operator:tokenService:timeout", Duration, "1.5s", "Longest wait for a token service that gives no sign of life."),

        new("api:maxPeriod", Duration, "24h", "Longest session, whatever the grant says."),
        new("api:grantRecheck", Duration, "1m", "How often the grant of every session is looked at again."),
        new("api:installationId", Text, "", "Id of this installation of TKA, written on the sessions it starts; it neither rechecks nor ends those of another. The same for all replicas. Empty: sessions carry none."),
        new("api:retryAfterSeconds", Number, "1", "Retry-After of answers that are not ready yet."),
        new("api:rateLimit:permitsPerMinute", Number, "300", "Requests one person may send per minute. 0: no limit."),
        new("api:rateLimit:burst", Number, "100", "Requests one person may send at once."),
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
        new("orchestrator:proxy", Url, "", "Proxy to the orchestrator (socks5:// or http://). Not needed for tailscaled in userspace mode, whose LocalAPI is asked; a SOCKS listener of tailscaled lets every peer use this node."),
        new("orchestrator:heartbeat", Duration, "30s", "How often the registration is renewed."),
        new("orchestrator:description", Text, "", "Description of the cluster for people."),
        new("orchestrator:installationId", Text, "", "Which installation this is, the same for all its replicas. Empty: derived from the cluster's address, its CA and operator.namespace."),
        new("orchestrator:tkaEndpoint", Url, "", "URL of this API on the tailnet. Empty: from tailscale.hostname and tailscaled's answer."),
    ];

    public static ServiceSettings Service { get; } = new(
        "TKA.Api",
        "signs people of a tailnet in to this Kubernetes cluster.",
        ["./config.yaml", "~/.config/tka/config.yaml", "/etc/tka/config.yaml"],
        SharedSettings.Telemetry,
        SharedSettings.Tailscale,
        SharedSettings.Listener,
        SharedSettings.Management,
        SharedSettings.Kubernetes,
        Own);
}

using TKA.ServiceDefaults.Configuration;
using static TKA.ServiceDefaults.Configuration.SettingKind;

namespace TKA.Operator.Configuration;

/// <summary>Every setting of the operator.</summary>
internal static class OperatorSettings
{
    private static readonly Setting[] Own =
    [
        new("operator:namespace", Text, "tka-sessions", "Namespace of TkaSignins and their ServiceAccounts."),
        new("operator:systemNamespace", Text, "tka-system", "Namespace of TKA's workloads: leader lease, certificate."),
        new("operator:allowedRoles", List, "view,tka-edit,tka-admin", "ClusterRoles that may be bound, and no others, whatever a grant says. Keep equal to the bind rule of the operator's ClusterRole and to the policy tka-bindings."),
        new("operator:clusterWideRoles", List, "view", "Those of them that may be bound without namespaces. Keep equal to the policy tka-bindings."),
        new("operator:maxPeriod", Duration, "24h", "Longest session; a second line behind api.maxPeriod, in case the API is compromised or misconfigured."),
        new("operator:workers", Number, "10", "Sessions worked on at the same time, which also bounds concurrent writes to the API server."),
        new("operator:events", Switch, "true", "Whether Events are written on TkaSignins. They never hold up a session."),
        new("operator:leaderElection", Switch, "true", "Whether several replicas agree on one that reconciles: lease tka-operator, 15 s, released on stop."),
        new("operator:drainTimeout", Duration, "5s", "How long a stopping operator may finish what is under way."),
        new("operator:tokenService:address", Text, "0.0.0.0", "Address of the token service."),
        new("operator:tokenService:port", Port, "8443", "Its port. 0 picks a free one."),
        new("operator:tokenService:allowedServiceAccounts", List, "", "Users that may ask for tokens. Empty: system:serviceaccount:<systemNamespace>:tka-api."),
        new("operator:tokenService:historyReaders", List, "", "Users that may read the history of sessions. Empty: system:serviceaccount:<systemNamespace>:tka-auditor and :tka-api, which shows it to admins on its page."),
        new("operator:tokenService:certificateFile", FilePath, "", "PEM file of the certificate with its chain; read again when it changes. Empty: a self-signed CA in Secret tka-operator-tls."),
        new("operator:tokenService:keyFile", FilePath, "", "PEM file of its key."),
        new("operator:tokenService:certificateNames", List, "", "More DNS names or addresses for the self-made certificate."),
        new("operator:tokenService:reviewCache", Duration, "1m", "How long a positive TokenReview is believed. A caller's token that is revoked stays usable here for as long."),
        new("operator:tokenService:readyWait", Duration, "1s", "How long a request waits for a session that is about to be ready; less than the API's operator.tokenService.timeout."),
        new("operator:tokenService:burst", Number, "20", "Tokens of one session at once."),
        new("operator:tokenService:perMinute", Number, "30", "Tokens of one session per minute in the long run."),
        new("operator:tokenService:audiences", List, "", "Audiences of the tokens. Empty: the API server's own."),
        new("operator:ledger:enabled", Switch, "", "Whether there is an expiry ledger. Not set: when DAPR_GRPC_ENDPOINT or DAPR_GRPC_PORT is set."),
        new("operator:ledger:retentionDays", Number, "90", "Days a session stays in the history after its end."),
        new("operator:ledger:stateStore", Text, "", "Older name of dapr.stateStore.") { Means = "dapr:stateStore" },
        new("operator:ledger:callTimeout", Duration, "", "Older name of dapr.timeout.") { Means = "dapr:timeout" },
        new("dapr:stateStore", Text, "statestore", "Name of the Dapr state store."),
        new("dapr:timeout", Duration, "5s", "Longest wait for one answer of Dapr."),
    ];

    public static ServiceSettings Service { get; } = new(
        "TKA.Operator",
        "gives signed-in people their access in this Kubernetes cluster, and takes it back on time.",
        ["/etc/tka/operator.yaml"],
        SharedSettings.Telemetry,
        SharedSettings.Management,
        SharedSettings.Kubernetes,
        Own);
}

using TKA.ServiceDefaults.Configuration;
using static TKA.ServiceDefaults.Configuration.SettingKind;

namespace TKA.Orchestrator.Configuration;

/// <summary>Every setting of the orchestrator.</summary>
internal static class OrchestratorSettings
{
    private static readonly Setting[] Own =
    [
        new("orchestrator:heartbeat", Duration, "30s", "How often clusters are expected to renew; the APIs' orchestrator.heartbeat."),
        new("orchestrator:missedHeartbeats", Number, "3", "Heartbeats a cluster may miss before it is stale."),
        new("orchestrator:lifetime", Duration, "24h", "How long a cluster stays listed after its last heartbeat."),
        new("orchestrator:clusterTag", Text, "tag:tka", "Tag of the nodes that TKA runs on: they may register, and are asked when they do not. Empty: only admins register. tag:tka-cluster is accepted as well for one release."),
        new("orchestrator:clusterPort", Port, "443", "Port that nodes found by their tag are asked at."),
        new("orchestrator:allowHttp", Switch, "false", "Let clusters serve plain http, or name an address of this machine. For development stacks only."),
        new("dapr:stateStore", Text, "statestore", "Name of the Dapr state store."),
        new("dapr:timeout", Duration, "1.5s", "Longest wait for Dapr; callers get 503 after it."),
    ];

    public static ServiceSettings Service { get; } = new(
        "TKA.Orchestrator",
        "lists the clusters that people of a tailnet can sign in to.",
        ["/etc/tka/orchestrator.yaml"],
        SharedSettings.Telemetry,
        SharedSettings.Tailscale,
        SharedSettings.Listener,
        SharedSettings.Management,
        Own);
}

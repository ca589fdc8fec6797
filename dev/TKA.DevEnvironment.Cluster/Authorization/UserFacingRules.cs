namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>
/// Rules of <c>view</c>, <c>edit</c> and <c>admin</c>. view reads neither Secrets, which hold credentials, nor roles and
/// bindings; edit reads and writes Secrets and acts as any ServiceAccount of the namespace; admin also writes roles and bindings.
/// </summary>
internal static class UserFacingRules
{
    private static readonly string[] Read = ["get", "list", "watch"];
    private static readonly string[] Write = ["create", "delete", "deletecollection", "patch", "update"];

    /// <summary>Own rules of <c>system:aggregate-to-view</c>.</summary>
    public static IReadOnlyList<PolicyRule> View() =>
    [
        Rule(Read, "", "configmaps", "endpoints", "persistentvolumeclaims", "persistentvolumeclaims/status", "pods", "replicationcontrollers", "replicationcontrollers/scale", "serviceaccounts", "services", "services/status"),
        Rule(Read, "", "bindings", "events", "limitranges", "namespaces/status", "pods/log", "pods/status", "replicationcontrollers/status", "resourcequotas", "resourcequotas/status"),
        Rule(Read, "", "namespaces"),
        Rule(Read, "discovery.k8s.io", "endpointslices"),
        Rule(Read, "apps", "controllerrevisions", "daemonsets", "daemonsets/status", "deployments", "deployments/scale", "deployments/status", "replicasets", "replicasets/scale", "replicasets/status", "statefulsets", "statefulsets/scale", "statefulsets/status"),
        Rule(Read, "autoscaling", "horizontalpodautoscalers", "horizontalpodautoscalers/status"),
        Rule(Read, "batch", "cronjobs", "cronjobs/status", "jobs", "jobs/status"),
        Rule(Read, "extensions", "daemonsets", "daemonsets/status", "deployments", "deployments/scale", "deployments/status", "ingresses", "ingresses/status", "networkpolicies", "replicasets", "replicasets/scale", "replicasets/status", "replicationcontrollers/scale"),
        Rule(Read, "policy", "poddisruptionbudgets", "poddisruptionbudgets/status"),
        Rule(Read, "networking.k8s.io", "ingresses", "ingresses/status", "networkpolicies"),
    ];

    /// <summary>Own rules of <c>system:aggregate-to-edit</c>.</summary>
    public static IReadOnlyList<PolicyRule> Edit() =>
    [
        Rule(Read, "", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"),
        Rule(["impersonate"], "", "serviceaccounts"),
        Rule(Write, "", "pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"),
        Rule(["create"], "", "pods/eviction"),
        Rule(Write, "", "configmaps", "events", "persistentvolumeclaims", "replicationcontrollers", "replicationcontrollers/scale", "secrets", "serviceaccounts", "services", "services/proxy"),
        Rule(["create"], "", "serviceaccounts/token"),
        Rule(Write, "apps", "daemonsets", "deployments", "deployments/rollback", "deployments/scale", "replicasets", "replicasets/scale", "statefulsets", "statefulsets/scale"),
        Rule(Write, "autoscaling", "horizontalpodautoscalers"),
        Rule(Write, "batch", "cronjobs", "jobs"),
        Rule(Write, "extensions", "daemonsets", "deployments", "deployments/rollback", "deployments/scale", "ingresses", "networkpolicies", "replicasets", "replicasets/scale", "replicationcontrollers/scale"),
        Rule(Write, "policy", "poddisruptionbudgets"),
        Rule(Write, "networking.k8s.io", "ingresses", "networkpolicies"),
        Rule([.. Read, .. Write], "coordination.k8s.io", "leases"),
    ];

    /// <summary>Own rules of <c>system:aggregate-to-admin</c>.</summary>
    public static IReadOnlyList<PolicyRule> Admin() =>
    [
        Rule(["create"], "authorization.k8s.io", "localsubjectaccessreviews"),
        Rule([.. Read, .. Write], RbacPolicy.Group, "rolebindings", "roles"),
    ];

    private static PolicyRule Rule(IReadOnlyList<string> verbs, string group, params IReadOnlyList<string> resources) =>
        BootstrapPolicy.Resources(verbs, [group], resources);
}

using TKA.DevEnvironment.Cluster.Registry.Core;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>
/// The built-in kinds that a real cluster would act on. The kinds of <c>deploy/</c> are checked against their schema and stored, and
/// nothing runs them. Of the others there are samples, to be read and deleted: a write is authorized, admitted and then refused with 501.
/// </summary>
internal static class UnrunResources
{
    private const string All = "all";

    private static readonly IReadOnlySet<string> PodFields = new HashSet<string>
    {
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
        "status.phase", "status.podIP", "status.nominatedNodeName",
    };

    /// <summary>Makes the definitions.</summary>
    public static IEnumerable<ResourceDefinition> Create() => [.. Stored(), .. Samples()];

    private static IEnumerable<ResourceDefinition> Stored() =>
    [
        New("", "resourcequotas", "ResourceQuota", shortName: "quota"),
        New("", "services", "Service", shortName: "svc", category: All),
        New("apps", "deployments", "Deployment", shortName: "deploy", category: All),
        New("apps", "statefulsets", "StatefulSet", shortName: "sts", category: All),
        New("networking.k8s.io", "networkpolicies", "NetworkPolicy", shortName: "netpol"),
        New("policy", "poddisruptionbudgets", "PodDisruptionBudget", shortName: "pdb"),
    ];

    private static IEnumerable<ResourceDefinition> Samples() =>
    [
        Sample("", "nodes", "Node", "no", namespaced: false),
        Sample("", "persistentvolumeclaims", "PersistentVolumeClaim", "pvc"),
        Sample("", "pods", "Pod", "po", All, fields: PodFields),
        Sample("apps", "daemonsets", "DaemonSet", "ds", All),
        Sample("apps", "replicasets", "ReplicaSet", "rs", All),
        Sample("batch", "cronjobs", "CronJob", "cj", All),
        Sample("batch", "jobs", "Job", null, All),
        Sample("discovery.k8s.io", "endpointslices", "EndpointSlice", null),
        Sample("networking.k8s.io", "ingresses", "Ingress", "ing"),
    ];

    private static ResourceDefinition New(string group, string resource, string kind, string shortName, string? category = null) =>
        BuiltinResources.New(
            group, resource, kind, new BuiltinStrategy(kind) { HasStatus = true, HasGeneration = true }, [shortName], ["status"], category);

    private static ResourceDefinition Sample(
        string group, string resource, string kind, string? shortName, string? category = null, bool namespaced = true, IReadOnlySet<string>? fields = null) =>
        BuiltinResources.New(
            group,
            resource,
            kind,
            new BuiltinStrategy(kind) { HasStatus = true, HasGeneration = true, ReturnDeletedObject = true, SelectableFields = fields ?? new HashSet<string>() },
            shortName is null ? [] : [shortName],
            ["status"],
            category,
            namespaced,
            sample: true);
}

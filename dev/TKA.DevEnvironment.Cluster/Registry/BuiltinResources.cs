using TKA.DevEnvironment.Cluster.Registry.Core;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>
/// The built-in resources. What a real cluster has and this list has not (webhooks, quotas, limit ranges, ...) is left out on purpose:
/// accepting them without enforcing them would be a lie.
/// </summary>
internal static class BuiltinResources
{
    private static readonly string[] AllCategory = ["all"];

    /// <summary>Makes the definitions.</summary>
    public static IReadOnlyList<ResourceDefinition> Create(TimeProvider time) =>
    [
        .. CoreResources(time),
        .. Workloads(),
        .. Networking(),
        .. Rbac(),
        New("coordination.k8s.io", "v1", "leases", "Lease", new LeaseStrategy { TypeName = "Lease", AllowCreateOnUpdate = true, AllowUnconditionalUpdate = false }),
        New("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", new EndpointSliceStrategy { TypeName = "EndpointSlice", HasGeneration = true }),
        New("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", new DisruptionBudgetStrategy { TypeName = "PodDisruptionBudget", HasStatus = true, HasGeneration = true }, ["pdb"], ["status"]),
        .. Extensions(time),
    ];

    private static IEnumerable<ResourceDefinition> CoreResources(TimeProvider time)
    {
        var events = new EventStrategy { TypeName = "Event", AllowCreateOnUpdate = true };
        return
        [
            New("", "v1", "configmaps", "ConfigMap", new ConfigMapStrategy { TypeName = "ConfigMap" }, ["cm"]),
            New("", "v1", "endpoints", "Endpoints", new EndpointsStrategy { TypeName = "Endpoints", AllowCreateOnUpdate = true }, ["ep"]),
            New("", "v1", "events", "Event", events, ["ev"]),
            new ResourceDefinition
            {
                Group = "events.k8s.io", Version = "v1", Resource = "events", Kind = "Event", ShortNames = ["ev"],
                Strategy = new EventsV1Strategy { TypeName = "events.Event", AllowCreateOnUpdate = true }, Storage = new("", "events"), Converter = new EventConverter(),
            },
            new ResourceDefinition
            {
                Group = "", Version = "v1", Resource = "namespaces", Kind = "Namespace", Namespaced = false, ShortNames = ["ns"],
                Subresources = ["finalize", "status"], Strategy = new NamespaceStrategy { TypeName = "Namespace", HasStatus = true, ReturnDeletedObject = true },
                Verbs = [.. ResourceDefinition.StoredVerbs.Where(v => v != "deletecollection")],
            },
            New("", "v1", "nodes", "Node", new NodeStrategy { TypeName = "Node", HasStatus = true }, ["no"], ["status"], namespaced: false),
            New("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", new VolumeClaimStrategy { TypeName = "PersistentVolumeClaim", HasStatus = true, ReturnDeletedObject = true }, ["pvc"], ["status"]),
            New("", "v1", "persistentvolumes", "PersistentVolume", new VolumeStrategy { TypeName = "PersistentVolume", HasStatus = true, ReturnDeletedObject = true }, ["pv"], ["status"], namespaced: false),
            New("", "v1", "pods", "Pod", new PodStrategy { TypeName = "Pod", HasStatus = true, HasGeneration = true, ReturnDeletedObject = true, SelectableFields = PodStrategy.Fields }, ["po"], ["status"], AllCategory),
            New("", "v1", "secrets", "Secret", new SecretStrategy { TypeName = "Secret", SelectableFields = new HashSet<string> { "type" } }),
            New("", "v1", "serviceaccounts", "ServiceAccount", new BuiltinStrategy { TypeName = "ServiceAccount", ReturnDeletedObject = true }, ["sa"]),
            New("", "v1", "services", "Service", new ServiceStrategy { TypeName = "Service", HasStatus = true, ReturnDeletedObject = true, SelectableFields = new HashSet<string> { "spec.clusterIP", "spec.type" } }, ["svc"], ["status"], AllCategory),
        ];
    }

    private static IEnumerable<ResourceDefinition> Workloads() =>
    [
        New("apps", "v1", "controllerrevisions", "ControllerRevision", new BuiltinStrategy { TypeName = "ControllerRevision" }),
        New("apps", "v1", "daemonsets", "DaemonSet", new DaemonSetStrategy { TypeName = "DaemonSet", HasStatus = true, HasGeneration = true }, ["ds"], ["status"], AllCategory),
        New("apps", "v1", "deployments", "Deployment", new DeploymentStrategy { TypeName = "Deployment", HasStatus = true, HasGeneration = true }, ["deploy"], ["scale", "status"], AllCategory),
        New("apps", "v1", "replicasets", "ReplicaSet", new ReplicatedStrategy { TypeName = "ReplicaSet", HasStatus = true, HasGeneration = true, SelectableFields = new HashSet<string> { "status.replicas" } }, ["rs"], ["scale", "status"], AllCategory),
        New("apps", "v1", "statefulsets", "StatefulSet", new StatefulSetStrategy { TypeName = "StatefulSet", HasStatus = true, HasGeneration = true }, ["sts"], ["scale", "status"], AllCategory),
        New("batch", "v1", "cronjobs", "CronJob", new CronJobStrategy { TypeName = "CronJob", HasStatus = true, HasGeneration = true }, ["cj"], ["status"], AllCategory),
        New("batch", "v1", "jobs", "Job", new JobStrategy { TypeName = "Job", HasStatus = true, HasGeneration = true, SelectableFields = new HashSet<string> { "status.successful" } }, subresources: ["status"], categories: AllCategory),
    ];

    private static IEnumerable<ResourceDefinition> Networking() =>
    [
        New("networking.k8s.io", "v1", "ingresses", "Ingress", new IngressStrategy { TypeName = "Ingress", HasStatus = true, HasGeneration = true }, ["ing"], ["status"]),
        New("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", new NetworkPolicyStrategy { TypeName = "NetworkPolicy", HasGeneration = true }, ["netpol"]),
    ];

    private static IEnumerable<ResourceDefinition> Rbac() =>
    [
        New("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", new RbacStrategy { TypeName = "ClusterRoleBinding", AllowCreateOnUpdate = true }, namespaced: false),
        New("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", new RbacStrategy { TypeName = "ClusterRole", AllowCreateOnUpdate = true }, namespaced: false),
        New("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", new RbacStrategy { TypeName = "RoleBinding", AllowCreateOnUpdate = true }),
        New("rbac.authorization.k8s.io", "v1", "roles", "Role", new RbacStrategy { TypeName = "Role", AllowCreateOnUpdate = true }),
    ];

    private static IEnumerable<ResourceDefinition> Extensions(TimeProvider time) =>
    [
        New("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", new BuiltinStrategy { TypeName = "ValidatingAdmissionPolicy", HasStatus = true, HasGeneration = true, AllowUnconditionalUpdate = false }, subresources: ["status"], namespaced: false, categories: ["api-extensions"]),
        New("admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", new BuiltinStrategy { TypeName = "ValidatingAdmissionPolicyBinding", HasGeneration = true, AllowUnconditionalUpdate = false }, namespaced: false, categories: ["api-extensions"]),
        New("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", new Custom.CustomResourceDefinitionStrategy(time) { TypeName = "CustomResourceDefinition", HasStatus = true, HasGeneration = true, AllowUnconditionalUpdate = false }, ["crd", "crds"], ["status"], ["api-extensions"], namespaced: false),
    ];

    private static ResourceDefinition New(
        string group, string version, string resource, string kind, ResourceStrategy strategy,
        IReadOnlyList<string>? shortNames = null, IReadOnlyList<string>? subresources = null, IReadOnlyList<string>? categories = null, bool namespaced = true) =>
        new()
        {
            Group = group,
            Version = version,
            Resource = resource,
            Kind = kind,
            Strategy = strategy,
            ShortNames = shortNames ?? [],
            Subresources = subresources ?? [],
            Categories = categories ?? [],
            Namespaced = namespaced,
        };
}

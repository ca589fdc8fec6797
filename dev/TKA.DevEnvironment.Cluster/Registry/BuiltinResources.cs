using TKA.DevEnvironment.Cluster.Registry.Core;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>
/// The built-in resources that behave as in a real cluster. <see cref="UnrunResources"/> has the others. What a real cluster has and
/// neither list has (webhooks, limit ranges, ...) is left out on purpose: it would be accepted and not enforced.
/// </summary>
internal static class BuiltinResources
{
    /// <summary>Makes the definitions.</summary>
    public static IReadOnlyList<ResourceDefinition> Create(TimeProvider time) =>
    [
        .. CoreResources(),
        .. Rbac(),
        New("coordination.k8s.io", "leases", "Lease", new LeaseStrategy { AllowCreateOnUpdate = true, AllowUnconditionalUpdate = false }),
        .. Extensions(time),
        .. UnrunResources.Create(),
    ];

    private static IEnumerable<ResourceDefinition> CoreResources() =>
    [
        New("", "configmaps", "ConfigMap", new ConfigMapStrategy(), ["cm"]),
        New("", "events", "Event", new EventStrategy { AllowCreateOnUpdate = true, SelectableFields = EventStrategy.Fields }, ["ev"]),
        new ResourceDefinition
        {
            Group = "", Version = "v1", Resource = "namespaces", Kind = "Namespace", Namespaced = false, ShortNames = ["ns"],
            Subresources = ["finalize", "status"], Strategy = new NamespaceStrategy { HasStatus = true, ReturnDeletedObject = true },
            Verbs = [.. ResourceDefinition.StoredVerbs.Where(v => v != "deletecollection")],
        },
        New("", "secrets", "Secret", new SecretStrategy { SelectableFields = new HashSet<string> { "type" } }),
        New("", "serviceaccounts", "ServiceAccount", new BuiltinStrategy("ServiceAccount") { ReturnDeletedObject = true }, ["sa"]),
    ];

    private static IEnumerable<ResourceDefinition> Rbac() =>
    [
        New("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding", new RbacStrategy("ClusterRoleBinding") { AllowCreateOnUpdate = true }, namespaced: false),
        New("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", new RbacStrategy("ClusterRole") { AllowCreateOnUpdate = true }, namespaced: false),
        New("rbac.authorization.k8s.io", "rolebindings", "RoleBinding", new RbacStrategy("RoleBinding") { AllowCreateOnUpdate = true }),
        New("rbac.authorization.k8s.io", "roles", "Role", new RbacStrategy("Role") { AllowCreateOnUpdate = true }),
    ];

    private static IEnumerable<ResourceDefinition> Extensions(TimeProvider time) =>
    [
        New("admissionregistration.k8s.io", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", new BuiltinStrategy("ValidatingAdmissionPolicy") { HasStatus = true, HasGeneration = true, AllowUnconditionalUpdate = false }, subresources: ["status"], namespaced: false, category: "api-extensions"),
        New("admissionregistration.k8s.io", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", new BuiltinStrategy("ValidatingAdmissionPolicyBinding") { HasGeneration = true, AllowUnconditionalUpdate = false }, namespaced: false, category: "api-extensions"),
        New("apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition", new Custom.CustomResourceDefinitionStrategy(time) { HasStatus = true, HasGeneration = true, AllowUnconditionalUpdate = false }, ["crd", "crds"], ["status"], "api-extensions", namespaced: false),
    ];

    /// <summary>A definition of version v1.</summary>
    internal static ResourceDefinition New(
        string group, string resource, string kind, ResourceStrategy strategy,
        IReadOnlyList<string>? shortNames = null, IReadOnlyList<string>? subresources = null, string? category = null, bool namespaced = true, bool sample = false) =>
        new()
        {
            Group = group,
            Version = "v1",
            Resource = resource,
            Kind = kind,
            Strategy = strategy,
            ShortNames = shortNames ?? [],
            Subresources = subresources ?? [],
            Categories = category is null ? [] : [category],
            Namespaced = namespaced,
            IsSample = sample,
        };
}

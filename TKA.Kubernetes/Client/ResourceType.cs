using k8s;
using k8s.Models;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Sessions;

namespace TKA.Kubernetes.Client;

/// <summary>How a kind of object is addressed.</summary>
/// <typeparam name="T">Its .NET type.</typeparam>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">API version.</param>
/// <param name="Plural">Plural name in URLs.</param>
/// <param name="Kind">Kind.</param>
public sealed record ResourceType<T>(string Group, string Version, string Plural, string Kind)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary><c>apiVersion</c> of objects.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    internal string Path(string? ns, string? name = null, string? subresource = null) => string.Concat(
        Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}",
        ns is null ? "" : $"/namespaces/{Uri.EscapeDataString(ns)}",
        $"/{Plural}",
        string.Concat(name is null ? "" : $"/{Uri.EscapeDataString(name)}", subresource is null ? "" : $"/{subresource}"));
}

/// <summary>The kinds TKA works with.</summary>
public static class ResourceTypes
{
    /// <summary>TKA's own resource.</summary>
    public static ResourceType<TkaSignin> TkaSignins { get; } = new(TkaSigninResource.Group, TkaSigninResource.Version, TkaSigninResource.Plural, TkaSigninResource.Kind);

    /// <summary>ServiceAccounts.</summary>
    public static ResourceType<V1ServiceAccount> ServiceAccounts { get; } = new("", "v1", "serviceaccounts", "ServiceAccount");

    /// <summary>RoleBindings.</summary>
    public static ResourceType<V1RoleBinding> RoleBindings { get; } = new("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding");

    /// <summary>ClusterRoleBindings.</summary>
    public static ResourceType<V1ClusterRoleBinding> ClusterRoleBindings { get; } = new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding");

    /// <summary>ClusterRoles.</summary>
    public static ResourceType<V1ClusterRole> ClusterRoles { get; } = new("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole");

    /// <summary>Admission policies.</summary>
    public static ResourceType<V1ValidatingAdmissionPolicy> ValidatingAdmissionPolicies { get; } =
        new("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy");

    /// <summary>Bindings of admission policies.</summary>
    public static ResourceType<V1ValidatingAdmissionPolicyBinding> ValidatingAdmissionPolicyBindings { get; } =
        new("admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding");

    /// <summary>Namespaces.</summary>
    public static ResourceType<V1Namespace> Namespaces { get; } = new("", "v1", "namespaces", "Namespace");

    /// <summary>Leases.</summary>
    public static ResourceType<V1Lease> Leases { get; } = new("coordination.k8s.io", "v1", "leases", "Lease");

    /// <summary>Secrets.</summary>
    public static ResourceType<V1Secret> Secrets { get; } = new("", "v1", "secrets", "Secret");

    /// <summary>ConfigMaps.</summary>
    public static ResourceType<V1ConfigMap> ConfigMaps { get; } = new("", "v1", "configmaps", "ConfigMap");

    /// <summary>Events, in the core form that <c>kubectl describe</c> reads.</summary>
    public static ResourceType<Corev1Event> Events { get; } = new("", "v1", "events", "Event");
}

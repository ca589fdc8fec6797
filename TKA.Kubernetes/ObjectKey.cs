using k8s;
using k8s.Models;

namespace TKA.Kubernetes;

/// <summary>Namespace and name of an object.</summary>
/// <param name="Namespace">Namespace; <see langword="null"/> for a cluster-scoped object.</param>
/// <param name="Name">Name.</param>
public readonly record struct ObjectKey(string? Namespace, string Name)
{
    /// <summary>The key of an object.</summary>
    public static ObjectKey Of(IKubernetesObject<V1ObjectMeta> resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return new ObjectKey(resource.Metadata.NamespaceProperty, resource.Metadata.Name);
    }

    /// <summary><c>namespace/name</c>, or the name alone.</summary>
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}

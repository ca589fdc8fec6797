using k8s;
using k8s.Models;

namespace TKA.Kubernetes.Caching;

/// <summary>Trims objects that stay in memory: fields that no reader of a cache uses are dropped, texts that every object repeats are kept once.</summary>
internal static class ObjectTrimmer
{
    public static void Trim(IKubernetesObject<V1ObjectMeta> resource)
    {
        var metadata = resource.Metadata;
        if (resource is V1ClusterRole role)
        {
            // Only its existence is of interest, and a cluster has many.
            (role.Rules, role.AggregationRule) = (null, null);
        }

        resource.ApiVersion = Intern(resource.ApiVersion);
        resource.Kind = Intern(resource.Kind);
        metadata.NamespaceProperty = Intern(metadata.NamespaceProperty);
        metadata.Labels = Keys(metadata.Labels);
        metadata.Annotations = Keys(metadata.Annotations);
        if (metadata.Finalizers is { Count: > 0 } finalizers)
        {
            for (var i = 0; i < finalizers.Count; i++)
            {
                finalizers[i] = Intern(finalizers[i])!;
            }
        }
    }

    private static IDictionary<string, string>? Keys(IDictionary<string, string>? map)
    {
        if (map is not { Count: > 0 })
        {
            return map;
        }

        var trimmed = new Dictionary<string, string>(map.Count, StringComparer.Ordinal);
        foreach (var (key, value) in map)
        {
            trimmed.Add(Intern(key)!, value);
        }

        return trimmed;
    }

    // Namespaces, kinds, label keys: a handful of different texts, so the runtime's pool cannot grow without bound.
    private static string? Intern(string? text) => text is null ? null : string.Intern(text);
}

using System.Text.Json.Serialization;
using k8s.Models;

namespace TKA.Kubernetes.Serialization;

/// <summary>Answer to a list request.</summary>
/// <typeparam name="T">Type of the items.</typeparam>
public sealed class ResourceList<T>
{
    /// <summary>Carries the resource version to watch from, and the continue token of a paged answer.</summary>
    [JsonPropertyName("metadata")]
    public V1ListMeta Metadata { get; set; } = new();

    /// <summary>The objects.</summary>
    [JsonPropertyName("items")]
    public List<T> Items { get; set; } = [];
}

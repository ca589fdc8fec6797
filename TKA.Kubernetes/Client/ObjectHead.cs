using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace TKA.Kubernetes.Client;

/// <summary>What every object has, for kinds of which nothing else is read.</summary>
public sealed class ObjectHead : IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "";

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();
}

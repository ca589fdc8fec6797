using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using TKA.Contracts.Sessions;

namespace TKA.Kubernetes.Sessions;

/// <summary>The custom resource TkaSignin: a session of one person and one role.</summary>
[KubernetesEntity(Group = TkaSigninResource.Group, ApiVersion = TkaSigninResource.Version, Kind = TkaSigninResource.Kind, PluralName = TkaSigninResource.Plural)]
public sealed class TkaSignin : IKubernetesObject<V1ObjectMeta>, ISpec<TkaSigninSpec>, IStatus<TkaSigninStatus?>
{
    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = TkaSigninResource.ApiVersion;

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = TkaSigninResource.Kind;

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <inheritdoc/>
    [JsonPropertyName("spec")]
    public TkaSigninSpec Spec { get; set; } = new();

    /// <inheritdoc/>
    [JsonPropertyName("status")]
    public TkaSigninStatus? Status { get; set; }
}

using System.Text.Json.Serialization;

namespace TKA.Contracts.Kubeconfig;

/// <summary>
/// A kubeconfig as <c>kubectl</c> reads it from a file (client-go's <c>clientcmd/api/v1.Config</c>): clusters, users and
/// contexts are lists of named entries.
/// </summary>
public sealed record KubeconfigDocument
{
    /// <summary>Always <c>v1</c>.</summary>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; init => field = value ?? "v1"; } = "v1";

    /// <summary>Always <c>Config</c>.</summary>
    [JsonPropertyName("kind")]
    public string Kind { get; init => field = value ?? "Config"; } = "Config";

    /// <summary>Clusters by name.</summary>
    [JsonPropertyName("clusters")]
    public required IReadOnlyList<NamedCluster> Clusters { get; init; }

    /// <summary>Users by name.</summary>
    [JsonPropertyName("users")]
    public required IReadOnlyList<NamedUser> Users { get; init; }

    /// <summary>Contexts by name.</summary>
    [JsonPropertyName("contexts")]
    public required IReadOnlyList<NamedContext> Contexts { get; init; }

    /// <summary>Name of the context in use.</summary>
    [JsonPropertyName("current-context")]
    public required string CurrentContext { get; init; }

    /// <summary>The same in client-go's internal form, which the Go TKA answers as JSON.</summary>
    public KubeconfigMaps ToMaps() => new()
    {
        Clusters = Clusters.ToDictionary(entry => entry.Name, entry => entry.Cluster),
        Users = Users.ToDictionary(entry => entry.Name, entry => entry.User),
        Contexts = Contexts.ToDictionary(entry => entry.Name, entry => entry.Context),
        CurrentContext = CurrentContext,
    };
}

/// <summary>A kubeconfig in client-go's internal form (<c>clientcmd/api.Config</c>): clusters, users and contexts are maps keyed by name.</summary>
public sealed record KubeconfigMaps
{
    /// <summary>Always <c>Config</c>.</summary>
    [JsonPropertyName("kind")]
    public string Kind { get; init => field = value ?? "Config"; } = "Config";

    /// <summary>Always <c>v1</c>.</summary>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; init => field = value ?? "v1"; } = "v1";

    /// <summary>Clusters by name.</summary>
    [JsonPropertyName("clusters")]
    public required IReadOnlyDictionary<string, KubeconfigCluster> Clusters { get; init; }

    /// <summary>Users by name.</summary>
    [JsonPropertyName("users")]
    public required IReadOnlyDictionary<string, KubeconfigUser> Users { get; init; }

    /// <summary>Contexts by name.</summary>
    [JsonPropertyName("contexts")]
    public required IReadOnlyDictionary<string, KubeconfigContext> Contexts { get; init; }

    /// <summary>Name of the context in use.</summary>
    [JsonPropertyName("current-context")]
    public required string CurrentContext { get; init; }
}

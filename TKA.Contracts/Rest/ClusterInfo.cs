using System.Text.Json.Serialization;

namespace TKA.Contracts.Rest;

/// <summary>Answer to <c>GET /cluster-info</c>.</summary>
public sealed record ClusterInfo
{
    /// <summary>URL of the Kubernetes API.</summary>
    [JsonPropertyName("server_url")]
    public required string ServerUrl { get; init => field = value ?? ""; }

    /// <summary>Whether clients are told not to verify the certificate.</summary>
    [JsonPropertyName("insecure_skip_tls_verify")]
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>The CA bundle, base64 of PEM.</summary>
    [JsonPropertyName("ca_data")]
    public string CaData { get; init => field = value ?? ""; } = "";

    /// <summary>DNS label that names the cluster; <see langword="null"/> from a Go TKA.</summary>
    [JsonPropertyName("name"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    /// <summary>What the cluster is for, for people.</summary>
    [JsonPropertyName("description"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Description { get; init; }

    /// <summary>The same for all replicas of an installation and after every restart, and no other installation's.</summary>
    [JsonPropertyName("installation_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? InstallationId { get; init; }

    /// <summary>URL that people reach this API at; <see langword="null"/>: its node's own name, as on every real tailnet.</summary>
    [JsonPropertyName("tka_endpoint"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TkaEndpoint { get; init; }

    /// <summary>TKA version.</summary>
    [JsonPropertyName("version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Version { get; init; }

    /// <summary>Version of Kubernetes, for example <c>v1.36.0</c>; <see langword="null"/> until it is known.</summary>
    [JsonPropertyName("kubernetes_version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? KubernetesVersion { get; init; }

    /// <summary>Whether people can sign in here now: the checks of readiness pass.</summary>
    [JsonPropertyName("signs_in"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? SignsIn { get; init; }

    /// <summary>Labels of the cluster.</summary>
    [JsonPropertyName("labels")]
    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();
}

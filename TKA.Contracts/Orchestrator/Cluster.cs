using System.Text.Json.Serialization;

namespace TKA.Contracts.Orchestrator;

/// <summary>A cluster in the registry.</summary>
public sealed record Cluster
{
    /// <summary>DNS label that names the cluster.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init => field = value ?? ""; }

    /// <summary>URL of its Kubernetes API.</summary>
    [JsonPropertyName("api_endpoint")]
    public required string ApiEndpoint { get; init => field = value ?? ""; }

    /// <summary>URL of its TKA API on the tailnet.</summary>
    [JsonPropertyName("tka_endpoint")]
    public string TkaEndpoint { get; init => field = value ?? ""; } = "";

    /// <summary>For people.</summary>
    [JsonPropertyName("description")]
    public string Description { get; init => field = value ?? ""; } = "";

    /// <summary>Labels to select by.</summary>
    [JsonPropertyName("labels")]
    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>TKA version there.</summary>
    [JsonPropertyName("version")]
    public string Version { get; init => field = value ?? ""; } = "";

    /// <summary>Version of Kubernetes there, for example <c>v1.36.0</c>.</summary>
    [JsonPropertyName("kubernetes_version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? KubernetesVersion { get; init; }

    /// <summary>Whether its API is ready to sign people in; <see langword="null"/> when it does not say.</summary>
    [JsonPropertyName("signs_in"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? SignsIn { get; init; }

    /// <summary><c>ready</c> or <c>stale</c> (three heartbeats missed). Set by the orchestrator.</summary>
    [JsonPropertyName("status"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Status { get; init; }

    /// <summary>Which other installation asked for this name, and when; told to everybody who sees the cluster.</summary>
    [JsonPropertyName("conflict"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Conflict { get; init; }

    /// <summary>CA bundle of its Kubernetes API, base64 of PEM.</summary>
    [JsonPropertyName("ca_data"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CaData { get; init; }

    /// <summary>Last heartbeat, RFC 3339 UTC. Set by the orchestrator.</summary>
    [JsonPropertyName("last_seen"), JsonConverter(typeof(UtcTimeConverter)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LastSeen { get; init; }

    /// <summary><c>registered</c> or <c>tailnet</c>. Set by the orchestrator.</summary>
    [JsonPropertyName("source"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; init; }
}

/// <summary>Answer to <c>GET /clusters</c>.</summary>
public sealed record ClusterList
{
    /// <summary>The clusters, by name.</summary>
    [JsonPropertyName("items")]
    public required IReadOnlyList<Cluster> Items { get; init => field = value ?? []; }

    /// <summary>Where the next page starts; <see langword="null"/>: this was the last.</summary>
    [JsonPropertyName("continue"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Continue { get; init; }

    /// <summary>Whether the state store cannot be used, so that this is what one replica remembers.</summary>
    [JsonPropertyName("degraded"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Degraded { get; init; }
}

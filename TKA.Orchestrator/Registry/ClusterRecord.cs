using System.Text.Json.Serialization;
using TKA.Contracts.Orchestrator;

namespace TKA.Orchestrator.Registry;

/// <summary>A registration as it is stored.</summary>
internal sealed record ClusterRecord
{
    /// <summary>What was registered, without the fields that the orchestrator sets.</summary>
    [JsonPropertyName("cluster")]
    public required Cluster Cluster { get; init; }

    /// <summary>Stable id of the node that registered it; only that node, or an admin, may renew or remove it.</summary>
    [JsonPropertyName("node_id")]
    public required string NodeId { get; init; }

    /// <summary>Who that was, for people.</summary>
    [JsonPropertyName("registered_by")]
    public required string RegisteredBy { get; init; }

    /// <summary>Last heartbeat.</summary>
    [JsonPropertyName("last_seen")]
    public required DateTimeOffset LastSeen { get; init; }
}

/// <summary>Which clusters there are. State stores cannot list keys, so the names have a document of their own.</summary>
internal sealed record ClusterIndex
{
    /// <summary>Cluster name to the stable id of the node that registered it.</summary>
    [JsonPropertyName("clusters")]
    public SortedDictionary<string, string> Clusters { get; init; } = new(StringComparer.Ordinal);
}

/// <summary>Source-generated serialization of what is stored.</summary>
[JsonSerializable(typeof(ClusterRecord))]
[JsonSerializable(typeof(ClusterIndex))]
internal sealed partial class RegistryJsonContext : JsonSerializerContext;

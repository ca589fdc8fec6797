using System.Text.Json.Serialization;
using TKA.Contracts.Orchestrator;

namespace TKA.Orchestrator.Registry;

/// <summary>A registration as it is stored.</summary>
internal sealed record ClusterRecord
{
    /// <summary>What the cluster's own API said, without the fields that the orchestrator sets.</summary>
    [JsonPropertyName("cluster")]
    public required Cluster Cluster { get; init; }

    /// <summary>Which installation it is, however many nodes it has.</summary>
    [JsonPropertyName("installation_id")]
    public required string InstallationId { get; init; }

    /// <summary>Its nodes by stable id, with the last heartbeat of each.</summary>
    [JsonPropertyName("nodes")]
    public IReadOnlyDictionary<string, DateTimeOffset> Nodes { get; init; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>Who registered it last, for people.</summary>
    [JsonPropertyName("registered_by")]
    public required string RegisteredBy { get; init; }

    /// <summary>Last heartbeat.</summary>
    [JsonPropertyName("last_seen")]
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>Who else asked for the name last, and when; for the holder to hear about.</summary>
    [JsonPropertyName("contested")]
    public Contest? Contested { get; init; }
}

/// <summary>Another installation that asked for a name that is held.</summary>
/// <param name="By">Who asked, for people.</param>
/// <param name="At">When.</param>
internal sealed record Contest(
    [property: JsonPropertyName("by")] string By,
    [property: JsonPropertyName("at")] DateTimeOffset At);

/// <summary>Which clusters there are: state stores cannot list keys. Split over many documents, so that many can register at once.</summary>
internal sealed record ClusterIndex
{
    /// <summary>Names.</summary>
    [JsonPropertyName("names")]
    public IReadOnlyList<string> Names { get; init; } = [];
}

/// <summary>Source-generated serialization of what is stored.</summary>
[JsonSerializable(typeof(ClusterRecord))]
[JsonSerializable(typeof(ClusterIndex))]
internal sealed partial class RegistryJsonContext : JsonSerializerContext;

using System.Text.Json.Serialization;

namespace TKA.Contracts.Rest;

/// <summary>Answer to <c>GET /sessions</c>.</summary>
public sealed record SessionList
{
    /// <summary>The sessions of this page.</summary>
    [JsonPropertyName("items")]
    public required IReadOnlyList<SessionItem> Items { get; init; }

    /// <summary>Pass as <c>?continue=</c> for the next page; absent on the last.</summary>
    [JsonPropertyName("continue"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Continue { get; init; }
}

/// <summary>One session.</summary>
public sealed record SessionItem
{
    /// <summary>Name to end it by.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>Full login name.</summary>
    [JsonPropertyName("username")]
    public required string Username { get; init; }

    /// <summary>ClusterRole.</summary>
    [JsonPropertyName("role")]
    public required string Role { get; init; }

    /// <summary>Namespaces; empty: cluster-wide.</summary>
    [JsonPropertyName("namespaces")]
    public IReadOnlyList<string> Namespaces { get; init => field = value ?? []; } = [];

    /// <summary>Signed in since.</summary>
    [JsonPropertyName("since"), JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset Since { get; init; }

    /// <summary>Ends at.</summary>
    [JsonPropertyName("until"), JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset Until { get; init; }

    /// <summary>Whether access is set up.</summary>
    [JsonPropertyName("provisioned")]
    public bool Provisioned { get; init; }
}

using System.Text.Json.Serialization;
using TKA.Contracts;

namespace TKA.Cli.Output;

/// <summary>JSON of <c>login</c>, <c>status</c> and <c>kubeconfig</c>. Fields are only ever added.</summary>
internal sealed record SessionOutput
{
    /// <summary>Full login name.</summary>
    [JsonPropertyName("username")]
    public required string Username { get; init; }

    /// <summary>ClusterRole.</summary>
    [JsonPropertyName("role")]
    public required string Role { get; init; }

    /// <summary>End of the session, RFC 3339 UTC.</summary>
    [JsonPropertyName("until"), JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset Until { get; init; }

    /// <summary>Empty: cluster-wide.</summary>
    [JsonPropertyName("namespaces")]
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    [JsonPropertyName("cluster")]
    public string? Cluster { get; init; }

    /// <summary>Path of the file, absent when this machine holds none.</summary>
    [JsonPropertyName("kubeconfig")]
    public string? Kubeconfig { get; init; }

    /// <summary>Context in the kubeconfig.</summary>
    [JsonPropertyName("context"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Context { get; init; }

    /// <summary><c>ready</c>, <c>pending</c> or <c>rejected</c>.</summary>
    [JsonPropertyName("status")]
    public string Status { get; init; } = "ready";

    /// <summary>Why, when rejected.</summary>
    [JsonPropertyName("reason"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>The operator's explanation, when rejected or failing.</summary>
    [JsonPropertyName("message"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Message { get; init; }

    /// <summary>URL of the TKA server.</summary>
    [JsonPropertyName("server")]
    public required string Server { get; init; }

    /// <summary>Whether it is the base session.</summary>
    [JsonPropertyName("base"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsBase { get; init; }

    /// <summary>Whether kubectl uses it in this terminal.</summary>
    [JsonPropertyName("in_use"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? InUse { get; init; }

    /// <summary>All sessions of the person at this server, in <c>status</c> only.</summary>
    [JsonPropertyName("sessions"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SessionOutput>? Sessions { get; init; }
}

/// <summary>JSON of <c>login --all</c>.</summary>
internal sealed record SessionOutputList
{
    /// <summary>The sessions that there are now.</summary>
    [JsonPropertyName("items")]
    public required IReadOnlyList<SessionOutput> Items { get; init; }
}

/// <summary>JSON of <c>logout</c>.</summary>
internal sealed record LogoutOutput
{
    /// <summary>Whether there was a session to end.</summary>
    [JsonPropertyName("signed_out")]
    public required bool SignedOut { get; init; }

    [JsonPropertyName("username"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Username { get; init; }

    [JsonPropertyName("role"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    /// <summary>Roles of the sessions that were ended.</summary>
    [JsonPropertyName("ended")]
    public IReadOnlyList<string> Ended { get; init; } = [];

    /// <summary>Roles of the person's sessions at this server that go on.</summary>
    [JsonPropertyName("remaining")]
    public IReadOnlyList<string> Remaining { get; init; } = [];

    /// <summary>Files and kubeconfig entries that were removed.</summary>
    [JsonPropertyName("removed")]
    public IReadOnlyList<string> Removed { get; init; } = [];

    [JsonPropertyName("server")]
    public required string Server { get; init; }
}

/// <summary>JSON of <c>version</c>.</summary>
internal sealed record VersionOutput
{
    [JsonPropertyName("client")]
    public required string Client { get; init; }

    /// <summary>Operating system and architecture.</summary>
    [JsonPropertyName("platform")]
    public required string Platform { get; init; }

    /// <summary>Version of the server, when it was reachable and says so.</summary>
    [JsonPropertyName("server"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Server { get; init; }

    /// <summary>URL asked.</summary>
    [JsonPropertyName("server_url"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ServerUrl { get; init; }
}

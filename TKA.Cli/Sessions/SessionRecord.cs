using System.Text.Json.Serialization;
using TKA.Contracts;

namespace TKA.Cli.Sessions;

/// <summary>What a login or a subshell left on this machine, so that a later run finds and removes exactly that. Holds no credential.</summary>
internal sealed record SessionRecord
{
    /// <summary>Names the record's file.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>URL of the TKA server.</summary>
    [JsonPropertyName("server")]
    public required string Server { get; init; }

    /// <summary>Local address the server was reached from, when one was chosen: it decides who we are.</summary>
    [JsonPropertyName("source"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; init; }

    [JsonPropertyName("username")]
    public required string Username { get; init; }

    [JsonPropertyName("role")]
    public required string Role { get; init; }

    [JsonPropertyName("namespaces")]
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    [JsonPropertyName("until"), JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset Until { get; init; }

    [JsonPropertyName("cluster")]
    public required string Cluster { get; init; }

    /// <summary>File with a token that was written.</summary>
    [JsonPropertyName("kubeconfig"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Kubeconfig { get; init; }

    /// <summary>Context in <see cref="Kubeconfig"/>.</summary>
    [JsonPropertyName("context"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Context { get; init; }

    /// <summary>Entries that were added to the user's kubeconfig.</summary>
    [JsonPropertyName("merged"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MergeRecord? Merged { get; init; }

    /// <summary>The <c>tka</c> process that holds a subshell's session; 0 for a login.</summary>
    [JsonPropertyName("pid")]
    public int ProcessId { get; init; }

    /// <summary>Tells that process from a later one of the same number.</summary>
    [JsonPropertyName("pid_started"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ProcessStarted { get; init; }

    /// <summary>The machine the process runs on: a home directory may be shared with others, where process numbers mean nothing.</summary>
    [JsonPropertyName("host"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Host { get; init; }

    /// <summary>Whether <see cref="ProcessId"/> is a number of this machine.</summary>
    [JsonIgnore]
    public bool IsHere => Host is null || Host == Environment.MachineName;

    /// <summary>Held by a subshell or a command, not by a login.</summary>
    [JsonIgnore]
    public bool IsShell => ProcessId != 0;

    /// <summary>Whether both records are of one session of the server.</summary>
    public bool SameSession(SessionRecord other) => Server == other.Server && Source == other.Source;
}

/// <summary>Entries added to the user's kubeconfig, and what stood in their place.</summary>
internal sealed record MergeRecord
{
    /// <summary>The file.</summary>
    [JsonPropertyName("path")]
    public required string Path { get; init; }

    /// <summary>Name of the context, the cluster and the user.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>The file was made by the merge.</summary>
    [JsonPropertyName("created")]
    public bool Created { get; init; }

    /// <summary>For each list that held nothing before (<c>clusters</c>, <c>users</c>, <c>contexts</c>): the YAML text of its value then; null when the key itself was missing.</summary>
    [JsonPropertyName("empty_lists")]
    public Dictionary<string, string?> EmptyLists { get; init; } = [];

    /// <summary><c>current-context</c> was changed.</summary>
    [JsonPropertyName("used")]
    public bool Used { get; init; }

    /// <summary>The YAML text of <c>current-context</c> before; null when the key was missing.</summary>
    [JsonPropertyName("previous_context"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PreviousContext { get; init; }

    /// <summary>The file did not end with a line break, and one was added.</summary>
    [JsonPropertyName("line_break_added")]
    public bool LineBreakAdded { get; init; }
}

using System.Text.Json.Serialization;
using TKA.Contracts;

namespace TKA.Cli.Sessions;

/// <summary>
/// What a login or a subshell left on this machine, so that a later run finds and removes exactly that. Holds no credential. Members are
/// only ever added: records of earlier versions are read until their session ends.
/// </summary>
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

    /// <summary>Full login name of the person, as the server said at sign-in.</summary>
    [JsonPropertyName("username")]
    public required string Username { get; init; }

    /// <summary>ClusterRole.</summary>
    [JsonPropertyName("role")]
    public required string Role { get; init; }

    /// <summary>A session beside the base session, known by its role.</summary>
    [JsonPropertyName("beside"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsBeside { get; init; }

    /// <summary>Namespaces the role is bound in; empty: the whole cluster.</summary>
    [JsonPropertyName("namespaces")]
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>End of the session when it was last heard of.</summary>
    [JsonPropertyName("until"), JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset Until { get; init; }

    /// <summary>Name of the cluster: the one asked for, else the host name of its TKA server; never what the server calls itself.</summary>
    [JsonPropertyName("cluster")]
    public required string Cluster { get; init; }

    /// <summary>File with a token that was written.</summary>
    [JsonPropertyName("kubeconfig"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Kubeconfig { get; init; }

    /// <summary>Context in <see cref="Kubeconfig"/>, else in the user's kubeconfig.</summary>
    [JsonPropertyName("context"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Context { get; init; }

    /// <summary>Entries that were added to the user's kubeconfig.</summary>
    [JsonPropertyName("merged"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MergeRecord? Merged { get; init; }

    /// <summary>The <c>tka</c> process that holds the session for a subshell or a command; 0 for a login.</summary>
    [JsonPropertyName("pid")]
    public int ProcessId { get; init; }

    /// <summary>Tells that process from a later one of the same number.</summary>
    [JsonPropertyName("pid_started"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ProcessStarted { get; init; }

    /// <summary>The machine the process runs on: a home directory may be shared with others, where process numbers mean nothing.</summary>
    [JsonPropertyName("host"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Host { get; init; }

    /// <summary>The process found the session already there, so it must not end it.</summary>
    [JsonPropertyName("borrowed"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsBorrowed { get; init; }

    /// <summary>Whether <see cref="ProcessId"/> is a number of this machine.</summary>
    [JsonIgnore]
    public bool IsHere => Host is null || Host == Environment.MachineName;

    /// <summary>Held by a subshell or a command, not by a login.</summary>
    [JsonIgnore]
    public bool IsShell => ProcessId != 0;

    /// <summary>What the server is asked with for this session: its role, or null for the base session.</summary>
    [JsonIgnore]
    public string? RoleKey => IsBeside ? Role : null;

    /// <summary>Whether both records are of one session of the server.</summary>
    public bool SameSession(SessionRecord other) =>
        Server == other.Server && Source == other.Source && Username == other.Username && RoleKey == other.RoleKey;
}

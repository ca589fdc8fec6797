using System.Text.Json.Serialization;

namespace TKA.Cli.Sessions;

/// <summary>Entries added to the user's kubeconfig, and what stood in their place.</summary>
internal sealed record MergeRecord
{
    /// <summary>The file.</summary>
    [JsonPropertyName("path")]
    public required string Path { get; init; }

    /// <summary>Name of the cluster, the user and, unless it was renamed, the context.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>URL of the TKA server that the user entry names; null in records of earlier versions.</summary>
    [JsonPropertyName("server"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Server { get; init; }

    /// <summary>Role that the user entry names; null: the base session.</summary>
    [JsonPropertyName("role"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

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

    /// <summary>The change of the current context that this run made; not part of the file.</summary>
    [JsonIgnore]
    public ContextChange? Change { get; init; }
}

/// <summary>A change of <c>current-context</c>, to be told to the user.</summary>
/// <param name="From">Context before; empty: none.</param>
/// <param name="To">Context after; empty: none.</param>
internal sealed record ContextChange(string From, string To)
{
    /// <summary>The change from one to the other; null when they are the same.</summary>
    public static ContextChange? Between(string from, string to) => from == to ? null : new ContextChange(from, to);

    /// <inheritdoc/>
    public override string ToString() => (From, To) switch
    {
        ("", _) => $"The current context is now {To}; there was none before.",
        (_, "") => $"No context is current any more; it was {From}.",
        _ => $"The current context is now {To}; it was {From}.",
    };
}

using System.Text.Json.Serialization;

namespace TKA.Operator.Ledger;

/// <summary>What the ledger says about one session. Holds no credential.</summary>
internal sealed record LedgerRecord
{
    [JsonPropertyName("uid")]
    public required string Uid { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("username")]
    public required string Username { get; init; }

    [JsonPropertyName("node")]
    public string? Node { get; init; }

    /// <summary>What was granted, oldest first; a renewal or change of role adds one.</summary>
    [JsonPropertyName("grants")]
    public IReadOnlyList<LedgerGrant> Grants { get; init; } = [];

    /// <summary>When its access was gone; absent: still has it.</summary>
    [JsonPropertyName("ended")]
    public DateTimeOffset? Ended { get; init; }

    /// <summary>One of <see cref="SessionEndings"/>.</summary>
    [JsonPropertyName("how")]
    public string? How { get; init; }

    [JsonIgnore]
    public DateTimeOffset Until => Grants.Count == 0 ? default : Grants[^1].Until;

    /// <summary>With a grant added, unless it is known already; if that is the last one, a record that was closed too early opens again.</summary>
    public LedgerRecord With(LedgerGrant grant)
    {
        var known = Grants.TakeWhile(other => !other.IsOfSameSignIn(grant)).Count();
        if (known < Grants.Count - 1)
        {
            return this;
        }

        if (known == Grants.Count - 1 && Grants[known].Until == grant.Until)
        {
            return Ended is null ? this : this with { Ended = null, How = null };
        }

        // What held until now ends where the new begins.
        var earlier = Grants.Take(known).Select((before, i) => i == Grants.Count - 1 && Ended is null && before.Until > grant.From ? before with { Until = grant.From } : before);
        return this with { Grants = [.. earlier, grant], Ended = null, How = null };
    }

    /// <summary>Closed, unless it is already.</summary>
    public LedgerRecord Closed(string how, DateTimeOffset at) => Ended is not null ? this : this with { Ended = at, How = how };

    /// <summary>Whether the session had access at some moment between two.</summary>
    public bool Overlaps(DateTimeOffset from, DateTimeOffset to) =>
        Grants.Count > 0 && Grants[0].From <= to && (Ended ?? Until) >= from;
}

/// <summary>A role for a time.</summary>
internal sealed record LedgerGrant
{
    [JsonPropertyName("role")]
    public required string Role { get; init; }

    /// <summary>Empty: cluster-wide.</summary>
    [JsonPropertyName("namespaces")]
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    [JsonPropertyName("from")]
    public required DateTimeOffset From { get; init; }

    [JsonPropertyName("until")]
    public required DateTimeOffset Until { get; init; }

    /// <summary>Whether it grants the same from the same moment on.</summary>
    public bool IsOfSameSignIn(LedgerGrant other) =>
        Role == other.Role && From == other.From && Namespaces.SequenceEqual(other.Namespaces, StringComparer.Ordinal);
}

/// <summary>Uids of sessions, under a day or a minute.</summary>
internal sealed record LedgerIndex
{
    [JsonPropertyName("uids")]
    public IReadOnlyList<string> Uids { get; init; } = [];
}

/// <summary>Up to when the calendar has been worked off.</summary>
internal sealed record LedgerCursor
{
    [JsonPropertyName("at")]
    public DateTimeOffset At { get; init; }
}

/// <summary>JSON of the ledger.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LedgerRecord))]
[JsonSerializable(typeof(LedgerIndex))]
[JsonSerializable(typeof(LedgerCursor))]
[JsonSerializable(typeof(List<LedgerEntry>))]
internal sealed partial class LedgerJsonContext : JsonSerializerContext;

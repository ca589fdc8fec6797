using System.Text.Json.Serialization;

namespace TKA.Operator.Ledger;

/// <summary>Something to write about one session. Saying it twice makes no difference.</summary>
/// <param name="Uid">Which.</param>
/// <param name="Name">Its name.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(GrantedEntry), "granted")]
[JsonDerivedType(typeof(EndedEntry), "ended")]
internal abstract record LedgerEntry(string Uid, string Name)
{
    /// <summary>The record after it; <see langword="null"/>: none is to be made.</summary>
    public abstract LedgerRecord? ApplyTo(LedgerRecord? record);

    /// <summary>What of it the history is found by.</summary>
    [JsonIgnore]
    public abstract LedgerGrant? Indexed { get; }
}

/// <summary>Access was given.</summary>
internal sealed record GrantedEntry(string Uid, string Name, string Username, string? Node, LedgerGrant Grant) : LedgerEntry(Uid, Name)
{
    public override LedgerRecord ApplyTo(LedgerRecord? record) =>
        (record ?? new LedgerRecord { Uid = Uid, Name = Name, Username = Username, Node = Node }).With(Grant);

    public override LedgerGrant Indexed => Grant;
}

/// <summary>Access is gone. Of a session that never had any there is nothing to write.</summary>
/// <param name="Uid">Which.</param>
/// <param name="Name">Its name.</param>
/// <param name="How">One of <see cref="SessionEndings"/>.</param>
/// <param name="At">When.</param>
/// <param name="Had">What it had last, as far as known: begins a record that should be there and is not.</param>
internal sealed record EndedEntry(string Uid, string Name, string How, DateTimeOffset At, GrantedEntry? Had = null) : LedgerEntry(Uid, Name)
{
    public override LedgerRecord? ApplyTo(LedgerRecord? record) => (record ?? Had?.ApplyTo(null))?.Closed(How, At);

    public override LedgerGrant? Indexed => Had?.Grant;
}

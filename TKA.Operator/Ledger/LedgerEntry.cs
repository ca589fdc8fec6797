namespace TKA.Operator.Ledger;

/// <summary>Something to write about one session.</summary>
/// <param name="Uid">Which.</param>
/// <param name="Name">Its name.</param>
internal abstract record LedgerEntry(string Uid, string Name)
{
    /// <summary>The record after it; <see langword="null"/>: none is to be made.</summary>
    public abstract LedgerRecord? ApplyTo(LedgerRecord? record);
}

/// <summary>Access was given.</summary>
internal sealed record GrantedEntry(string Uid, string Name, string Username, string? Node, LedgerGrant Grant) : LedgerEntry(Uid, Name)
{
    public override LedgerRecord ApplyTo(LedgerRecord? record) =>
        (record ?? new LedgerRecord { Uid = Uid, Name = Name, Username = Username, Node = Node }).With(Grant);
}

/// <summary>Access is gone. Of a session that never had any there is nothing to write.</summary>
internal sealed record EndedEntry(string Uid, string Name, string How, DateTimeOffset At) : LedgerEntry(Uid, Name)
{
    public override LedgerRecord? ApplyTo(LedgerRecord? record) => record?.Closed(How, At);
}

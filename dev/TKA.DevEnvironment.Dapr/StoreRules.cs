namespace TKA.DevEnvironment.Dapr;

/// <summary>In what one state store component differs from another.</summary>
internal abstract class StoreRules
{
    /// <summary>Whether a transaction that fails leaves everything as it was.</summary>
    public virtual bool RollsBack => true;

    /// <summary>
    /// Whether a bulk get is one query: found rows come first, each once and in <see cref="RowOrder"/>, then the missing keys. Otherwise
    /// the component answers key by key, in the order of the request.
    /// </summary>
    public virtual bool BulkGetIsOneQuery => true;

    /// <summary>Column that stands for the order in which the database returns rows.</summary>
    public virtual string RowOrder => "key";

    public static StoreRules For(StateStoreKind kind) => kind switch
    {
        StateStoreKind.Sqlite => new SqliteRules(),
        StateStoreKind.Redis => new RedisRules(),
        StateStoreKind.Postgres => new PostgresRules(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The row after a change.</summary>
    /// <param name="change">What is asked for.</param>
    /// <param name="current">The row now; null when it does not exist or has expired.</param>
    /// <param name="sequence">A number that grows with every write to the database.</param>
    /// <param name="now">The time.</param>
    /// <returns>null: the row is deleted.</returns>
    /// <exception cref="StateRefusedException">The component refuses the change.</exception>
    public abstract StateEntry? Apply(StateChange change, StateEntry? current, long sequence, DateTimeOffset now);
}

namespace TKA.DevEnvironment.Dapr;

/// <summary>The Dapr component whose behaviour the state API shows. All kinds keep their data in an SQLite file.</summary>
public enum StateStoreKind
{
    /// <summary><c>state.sqlite</c>: ETags are UUIDs; every conflict is answered ABORTED.</summary>
    Sqlite,

    /// <summary>
    /// <c>state.redis</c>: ETags count the writes of a key and start again after its deletion; a write with an ETag creates a missing
    /// key; a write without <c>ttlInSeconds</c> keeps the old expiry; transactions do not roll back; a first-write without ETag is
    /// refused with INTERNAL, and only when the existing value was written with first-write.
    /// </summary>
    Redis,

    /// <summary><c>state.postgresql</c> v1: ETags are transaction numbers; a first-write without ETag on an existing key is answered INTERNAL.</summary>
    Postgres,
}

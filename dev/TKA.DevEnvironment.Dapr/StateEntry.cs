using StateConcurrency = Dapr.Client.Autogen.Grpc.v1.StateOptions.Types.StateConcurrency;

namespace TKA.DevEnvironment.Dapr;

/// <summary>A stored value.</summary>
/// <param name="Key">Key with the app id's prefix.</param>
/// <param name="Value">Bytes as the client sent them.</param>
/// <param name="Etag">Version of the value.</param>
/// <param name="Expires">When the value counts as absent; <see langword="null"/>: never.</param>
/// <param name="FirstWrite">Whether the value was once written with first-write concurrency, which Redis remembers.</param>
internal sealed record StateEntry(string Key, byte[] Value, string Etag, DateTimeOffset? Expires, bool FirstWrite);

/// <summary>A requested write.</summary>
internal sealed record StateChange
{
    private StateChange(string storeName, string key, string? etag)
    {
        StoreName = storeName;
        Key = key;

        // Dapr takes an empty ETag for none.
        Etag = string.IsNullOrEmpty(etag) ? null : etag;
    }

    public string StoreName { get; }

    public string Key { get; }

    /// <summary>The ETag the row must have; null: any.</summary>
    public string? Etag { get; }

    /// <summary>The new value; null: delete.</summary>
    public byte[]? Value { get; private init; }

    /// <summary>First-write without an ETag: the row must not exist.</summary>
    public StateConcurrency Concurrency { get; private init; }

    /// <summary>null: not given; zero: given as "no expiry".</summary>
    public TimeSpan? TimeToLive { get; private init; }

    public static StateChange Upsert(string storeName, string key, byte[] value, string? etag, StateConcurrency concurrency, TimeSpan? timeToLive) =>
        new(storeName, key, etag) { Value = value, Concurrency = concurrency, TimeToLive = timeToLive };

    public static StateChange Delete(string storeName, string key, string? etag) => new(storeName, key, etag);
}

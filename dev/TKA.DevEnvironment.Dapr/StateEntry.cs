namespace TKA.DevEnvironment.Dapr;

/// <summary>A stored value.</summary>
internal sealed record StateEntry(byte[] Value, string Etag, DateTimeOffset? Expires);

/// <summary>One write.</summary>
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

    /// <summary>Without an ETag: the row must not exist.</summary>
    public bool FirstWrite { get; private init; }

    public TimeSpan? TimeToLive { get; private init; }

    public static StateChange Upsert(string storeName, string key, byte[] value, string? etag, bool firstWrite, TimeSpan? timeToLive) =>
        new(storeName, key, etag) { Value = value, FirstWrite = firstWrite, TimeToLive = timeToLive };

    public static StateChange Delete(string storeName, string key, string? etag) => new(storeName, key, etag);
}

/// <summary>The row is not as the writer last saw it. The message is Dapr's.</summary>
internal sealed class EtagMismatchException() : Exception("possible etag mismatch. error from state store");

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapr.Client;
using Microsoft.Extensions.Options;
using TKA.Operator.Options;

namespace TKA.Operator.Ledger;

/// <summary>The state store, with optimistic concurrency on every key. What somebody else has spoilt in it counts as absent.</summary>
internal sealed class LedgerStore(DaprClient dapr, IOptions<LedgerOptions> options, ILogger<LedgerStore> logger)
{
    private const int KeysPerCall = 500;
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite, Consistency = ConsistencyMode.Strong };

    /// <summary>Reads many keys; those that do not exist are left out.</summary>
    public async Task<Dictionary<string, Stored<T>>> ReadAsync<T>(IEnumerable<string> keys, CancellationToken cancellationToken)
        where T : class
    {
        var found = new Dictionary<string, Stored<T>>(StringComparer.Ordinal);
        foreach (var chunk in keys.Chunk(KeysPerCall))
        {
            using var deadline = Deadline(cancellationToken);
            var items = await dapr.GetBulkStateAsync(options.Value.StateStore, chunk, parallelism: 0, cancellationToken: deadline.Token);
            foreach (var item in items)
            {
                if (!string.IsNullOrEmpty(item.Value))
                {
                    found[item.Key] = new Stored<T>(Read<T>(item.Key, item.Value), item.ETag);
                }
            }
        }

        return found;
    }

    /// <summary>Writes a key if it still is as it was read (or absent).</summary>
    /// <param name="key">Key.</param>
    /// <param name="value">New value.</param>
    /// <param name="etag">ETag read; empty: the key must not exist.</param>
    /// <param name="timeToLive">After which the store may forget it; <see langword="null"/>: never.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns><see langword="false"/>: somebody else wrote it; read again.</returns>
    public async Task<bool> TryWriteAsync<T>(string key, T value, string etag, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        using var deadline = Deadline(cancellationToken);
        var metadata = timeToLive is { } ttl
            ? new Dictionary<string, string> { ["ttlInSeconds"] = Math.Max(1, (long)ttl.TotalSeconds).ToString(CultureInfo.InvariantCulture) }
            : null;
        return await dapr.TrySaveStateAsync(options.Value.StateStore, key, value, etag, FirstWrite, metadata, deadline.Token);
    }

    /// <summary>Reads, changes and writes a key, again and again while others write it.</summary>
    /// <param name="key">Key.</param>
    /// <param name="change">From the value, or <see langword="null"/>, to the new one; <see langword="null"/> or the same: nothing to write.</param>
    /// <param name="timeToLive">Of the new value.</param>
    /// <param name="known">What has just been read, to save the first read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task ChangeAsync<T>(string key, Func<T?, T?> change, Func<T, TimeSpan?> timeToLive, Stored<T>? known, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            var changed = change(known?.Value);
            if (changed is null || ReferenceEquals(changed, known?.Value)
                || await TryWriteAsync(key, changed, known?.ETag ?? "", timeToLive(changed), cancellationToken))
            {
                return;
            }

            known = (await ReadAsync<T>([key], cancellationToken)).GetValueOrDefault(key);
        }
    }

    private T? Read<T>(string key, string text)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(text, (JsonTypeInfo<T>)LedgerJsonContext.Default.GetTypeInfo(typeof(T))!);
        }
        catch (JsonException exception)
        {
            Log.EntryUnreadable(logger, key, exception.Message);
            return null;
        }
    }

    private CancellationTokenSource Deadline(CancellationToken cancellationToken)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.Value.CallTimeout);
        return deadline;
    }
}

/// <summary>A value (<see langword="null"/>: unreadable) and the version it was read at.</summary>
internal sealed record Stored<T>(T? Value, string ETag)
    where T : class;

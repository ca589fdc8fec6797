using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Dapr;
using Dapr.Client;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace TKA.State;

/// <summary>
/// Typed documents in Dapr state. Every write and every delete names the version it was read at, so that replicas cannot overwrite
/// each other; each call is bounded in time; every failure of Dapr is a <see cref="StateUnavailableException"/>.
/// </summary>
/// <remarks>
/// <para>Components differ, and the differences end here. PostgreSQL answers a first write without an ETag on an existing key with
/// INTERNAL ("no item was updated") where Redis, MySQL and SQLite answer ABORTED, so a failed first write is looked at again before it
/// counts as a failure. A bulk read returns found keys in the store's order, so answers are matched by key.</para>
/// <para>Not every component honours a time to live: readers check the age of what they read themselves.</para>
/// </remarks>
public sealed partial class StateStore
{
    private const int KeysPerCall = 500;
    private const int MostTries = 20;
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite, Consistency = ConsistencyMode.Strong };

    private readonly DaprClient _dapr;
    private readonly StateStoreOptions _options;
    private readonly JsonSerializerContext _documents;
    private readonly ILogger _logger;

    internal StateStore(DaprClient dapr, IOptions<StateStoreOptions> options, JsonSerializerContext documents, ILogger<StateStore> logger)
    {
        _dapr = dapr;
        _options = options.Value;
        _documents = documents;
        _logger = logger;
    }

    /// <summary>Reads a document.</summary>
    /// <param name="key">Its key; <c>||</c> must not occur.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>It, or <see langword="null"/> when there is none.</returns>
    /// <exception cref="StateUnavailableException">Dapr did not answer.</exception>
    public async Task<Stored<T>?> ReadAsync<T>(string key, CancellationToken cancellationToken)
        where T : class =>
        (await ReadManyAsync<T>([key], cancellationToken)).GetValueOrDefault(key);

    /// <summary>Reads many documents; those that do not exist are left out.</summary>
    /// <param name="keys">Their keys.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StateUnavailableException">Dapr did not answer.</exception>
    public async Task<Dictionary<string, Stored<T>>> ReadManyAsync<T>(IEnumerable<string> keys, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(keys);
        var found = new Dictionary<string, Stored<T>>(StringComparer.Ordinal);
        foreach (var chunk in keys.Chunk(KeysPerCall))
        {
            var items = await CallAsync(token => _dapr.GetBulkStateAsync(_options.StateStore, chunk, parallelism: 0, cancellationToken: token), cancellationToken);
            foreach (var item in items.Where(item => !string.IsNullOrEmpty(item.Value)))
            {
                found[item.Key] = new Stored<T>(Deserialize<T>(item.Key, item.Value), item.ETag);
            }
        }

        return found;
    }

    /// <summary>Writes a document if it still is as it was read.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">The new content.</param>
    /// <param name="etag">The version that was read; empty: there must be none.</param>
    /// <param name="timeToLive">After which the store may forget it; <see langword="null"/>: never.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns><see langword="false"/>: it was changed meanwhile; read again.</returns>
    /// <exception cref="StateUnavailableException">Dapr did not answer; the write may have happened.</exception>
    public async Task<bool> TryWriteAsync<T>(string key, T value, string etag, TimeSpan? timeToLive, CancellationToken cancellationToken)
        where T : class
    {
        var metadata = timeToLive is { } life
            ? new Dictionary<string, string> { ["ttlInSeconds"] = Math.Max(1, (long)life.TotalSeconds).ToString(CultureInfo.InvariantCulture) }
            : null;
        try
        {
            return await CallAsync(token => _dapr.TrySaveStateAsync(_options.StateStore, key, value, etag, FirstWrite, metadata, token), cancellationToken);
        }
        catch (StateUnavailableException exception)
            when (etag.Length == 0 && Rpc(exception) is { StatusCode: StatusCode.Internal })
        {
            if (await ReadAsync<T>(key, cancellationToken) is null)
            {
                throw;
            }

            return false;
        }
    }

    /// <summary>Deletes a document if it still is as it was read.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="etag">The version that was read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns><see langword="false"/>: it was changed meanwhile; read again.</returns>
    /// <exception cref="StateUnavailableException">Dapr did not answer; the delete may have happened.</exception>
    public Task<bool> TryDeleteAsync(string key, string etag, CancellationToken cancellationToken) =>
        CallAsync(token => _dapr.TryDeleteStateAsync(_options.StateStore, key, etag, FirstWrite, cancellationToken: token), cancellationToken);

    /// <summary>Reads, changes and writes a document, again while others change it.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="change">From the content, or <see langword="null"/>, to the new one; <see langword="null"/> or the same: nothing to write.</param>
    /// <param name="timeToLive">Of the new content.</param>
    /// <param name="known">What has just been read, to save the first read; <see langword="null"/>: it is believed absent.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What is stored now; <see langword="null"/>: nothing.</returns>
    /// <exception cref="StateUnavailableException">Dapr did not answer, or others changed the document each time.</exception>
    public async Task<T?> ChangeAsync<T>(string key, Func<T?, T?> change, Func<T, TimeSpan?> timeToLive, Stored<T>? known, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(timeToLive);
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var changed = change(known?.Value);
            if (changed is null || ReferenceEquals(changed, known?.Value)
                || await TryWriteAsync(key, changed, known?.ETag ?? "", timeToLive(changed), cancellationToken))
            {
                return changed ?? known?.Value;
            }

            known = await ReadAsync<T>(key, cancellationToken);
        }

        throw new StateUnavailableException($"'{key}' is being changed by too many at once.");
    }

    private T? Deserialize<T>(string key, string text)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(text, (JsonTypeInfo<T>)_documents.GetTypeInfo(typeof(T))!);
        }
        catch (JsonException exception)
        {
            DocumentUnreadable(_logger, key, exception.Message);
            return null;
        }
    }

    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_options.Timeout);
        try
        {
            return await call(deadline.Token);
        }
        catch (Exception exception) when (exception is DaprException or RpcException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            var reason = Rpc(exception) is { } rpc ? $"{rpc.StatusCode}: {rpc.Status.Detail}" : $"no answer within {_options.Timeout.TotalSeconds} s";
            throw new StateUnavailableException($"The state store '{_options.StateStore}' cannot be used ({reason}).", exception);
        }
    }

    private static RpcException? Rpc(Exception? exception)
    {
        while (exception is not null and not RpcException)
        {
            exception = exception.InnerException;
        }

        return (RpcException?)exception;
    }

    [LoggerMessage(LogLevel.Error, "The document {Key} in the state store is unreadable, counts as absent and will be overwritten: {Error}")]
    private static partial void DocumentUnreadable(ILogger logger, string key, string error);
}

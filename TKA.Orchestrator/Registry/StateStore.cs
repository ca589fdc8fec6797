using System.Globalization;
using Dapr;
using Dapr.Client;
using Grpc.Core;
using Microsoft.Extensions.Options;
using TKA.Orchestrator.Configuration;

namespace TKA.Orchestrator.Registry;

/// <summary>The state store cannot be used now. Ordinary: sidecars restart.</summary>
internal sealed class StateUnavailableException(string message, Exception inner) : Exception(message, inner);

/// <summary>Typed documents in Dapr state, each call bounded in time and every failure of Dapr told as one exception.</summary>
internal sealed class StateStore(DaprClient dapr, IOptions<DaprOptions> options, TimeProvider time)
{
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite, Consistency = ConsistencyMode.Strong };

    private readonly string _store = options.Value.StateStore;

    /// <returns>The document and its ETag; null and empty when there is none.</returns>
    public Task<(T? Value, string Etag)> GetAsync<T>(string key, CancellationToken cancellationToken)
        where T : class =>
        CallAsync<(T?, string)>(token => GetCoreAsync<T>(key, token), cancellationToken);

    /// <summary>Reads many documents in one call; those that do not exist are left out.</summary>
    public Task<IReadOnlyList<T>> GetManyAsync<T>(IReadOnlyList<string> keys, CancellationToken cancellationToken)
        where T : class =>
        keys.Count == 0
            ? Task.FromResult<IReadOnlyList<T>>([])
            : CallAsync<IReadOnlyList<T>>(
                async token => [.. (await dapr.GetBulkStateAsync<T>(_store, keys, null, cancellationToken: token)).Select(item => item.Value).OfType<T>()],
                cancellationToken);

    /// <summary>Writes if the document is still as it was read: with the same ETag, or absent when that is empty.</summary>
    /// <returns>Whether it was written.</returns>
    public Task<bool> TrySaveAsync<T>(string key, T value, string etag, TimeSpan? timeToLive, CancellationToken cancellationToken)
        where T : class
    {
        var metadata = timeToLive is { } life
            ? new Dictionary<string, string> { ["ttlInSeconds"] = ((long)life.TotalSeconds).ToString(CultureInfo.InvariantCulture) }
            : null;
        return CallAsync(token => dapr.TrySaveStateAsync(_store, key, value, etag, FirstWrite, metadata, token), cancellationToken);
    }

    /// <returns>Whether it was still as read and is now gone.</returns>
    public Task<bool> TryDeleteAsync(string key, string etag, CancellationToken cancellationToken) =>
        CallAsync(token => dapr.TryDeleteStateAsync(_store, key, etag, FirstWrite, cancellationToken: token), cancellationToken);

    private async Task<(T?, string)> GetCoreAsync<T>(string key, CancellationToken cancellationToken)
        where T : class
    {
        var (value, etag) = await dapr.GetStateAndETagAsync<T?>(_store, key, ConsistencyMode.Strong, cancellationToken: cancellationToken);
        return (value, etag ?? "");
    }

    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Value.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await call(linked.Token);
        }
        catch (Exception exception) when (exception is DaprException or RpcException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            var reason = exception.GetBaseException() is RpcException rpc ? $"{rpc.StatusCode}: {rpc.Status.Detail}" : exception.Message;
            throw new StateUnavailableException($"The state store '{_store}' cannot be used ({reason}).", exception);
        }
    }
}

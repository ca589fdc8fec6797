using System.Globalization;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace TKA.DevEnvironment.Dapr;

/// <summary>daprd's answers: which requests are refused, with which status and words (dapr 1.16 <c>pkg/api/grpc/grpc.go</c>).</summary>
internal sealed class DaprStateService(StateDatabase store, StoreRules rules) : DaprRuntimeBase
{
    private const string Separator = "||";

    /// <summary>Dapr's default <c>keyPrefix</c>: the app id.</summary>
    private const string Prefix = $"tka{Separator}";

    /// <summary>Name of the only state store component.</summary>
    private const string StateStore = "statestore";
    private const string ExpireTime = "ttlExpireTime";

    public override Task<GetStateResponse> GetState(GetStateRequest request, ServerCallContext context)
    {
        CheckStore(request.StoreName);
        if (request.Key.Length == 0)
        {
            throw Error(StatusCode.Internal, $"fail to get {request.Key} from state store {request.StoreName}: missing key in get operation");
        }

        var response = new GetStateResponse();
        if (store.Get(request.StoreName, Key(request.Key)) is { } entry)
        {
            response.Data = UnsafeByteOperations.UnsafeWrap(entry.Value);
            response.Etag = entry.Etag;
            AddExpiry(response.Metadata, entry);
        }

        return Task.FromResult(response);
    }

    public override Task<GetBulkStateResponse> GetBulkState(GetBulkStateRequest request, ServerCallContext context)
    {
        CheckStore(request.StoreName);
        string[] keys = [.. request.Keys.Select(Key)];
        var found = store.GetMany(request.StoreName, keys);
        IEnumerable<BulkStateItem> items;
        if (rules.BulkGetIsOneQuery)
        {
            var missing = keys.Except(found.Select(entry => entry.Key)).ToHashSet(StringComparer.Ordinal);
            items = found.Select(entry => Item(entry.Key, entry)).Concat(keys.Where(missing.Contains).Select(key => Item(key, null)));
        }
        else
        {
            items = keys.Select(key => Item(key, found.FirstOrDefault(entry => entry.Key == key)));
        }

        return Task.FromResult(new GetBulkStateResponse { Items = { items } });

        BulkStateItem Item(string key, StateEntry? entry)
        {
            var item = new BulkStateItem { Key = key[Prefix.Length..] };
            if (entry is not null)
            {
                item.Data = UnsafeByteOperations.UnsafeWrap(entry.Value);
                item.Etag = entry.Etag;
                AddExpiry(item.Metadata, entry);
            }

            return item;
        }
    }

    public override Task<Empty> SaveState(SaveStateRequest request, ServerCallContext context)
    {
        CheckStore(request.StoreName);
        var changes = new List<StateChange>(request.States.Count);
        foreach (var item in request.States)
        {
            if (item.Key.Length == 0)
            {
                throw Error(StatusCode.InvalidArgument, "state key cannot be empty");
            }

            changes.Add(Upsert(request.StoreName, item, reason => Error(StatusCode.Internal, $"failed saving state in state store {request.StoreName}: {reason}")));
        }

        ApplyOneByOne(changes, reason => $"failed saving state in state store {request.StoreName}: {reason}");
        return Done();
    }

    public override Task<Empty> DeleteState(DeleteStateRequest request, ServerCallContext context)
    {
        CheckStore(request.StoreName);
        var delete = StateChange.Delete(request.StoreName, Key(request.Key), request.Etag?.Value);
        ApplyOneByOne([delete], reason => $"failed deleting state with key {request.Key}: {reason}");
        return Done();
    }

    /// <summary>daprd answers INTERNAL here even for an ETag mismatch, so Dapr.Client throws.</summary>
    public override Task<Empty> ExecuteStateTransaction(ExecuteStateTransactionRequest request, ServerCallContext context)
    {
        CheckStore(request.StoreName);
        var changes = new List<StateChange>(request.Operations.Count);
        foreach (var operation in request.Operations)
        {
            var item = operation.Request ?? new StateItem();
            changes.Add(operation.OperationType switch
            {
                "upsert" => Upsert(request.StoreName, item, TransactionError),
                "delete" => StateChange.Delete(request.StoreName, Key(item.Key), item.Etag?.Value),
                _ => throw Error(StatusCode.Unimplemented, $"operation type {operation.OperationType} not supported"),
            });
        }

        try
        {
            store.ApplyAll(changes);
        }
        catch (StateRefusedException exception)
        {
            throw TransactionError(exception.Message);
        }

        return Done();
    }

    private static Task<Empty> Done() => Task.FromResult(new Empty());

    private static RpcException Error(StatusCode code, string message) => new(new Status(code, message));

    private static RpcException TransactionError(string reason) =>
        Error(StatusCode.Internal, $"error while executing state transaction: {reason}");

    private void CheckStore(string name)
    {
        if (name != StateStore)
        {
            throw Error(StatusCode.InvalidArgument, $"state store {name} is not found");
        }
    }

    private string Key(string key) =>
        key.Contains(Separator, StringComparison.Ordinal)
            ? throw Error(StatusCode.InvalidArgument, $"input key/keyPrefix '{key}' can't contain '{Separator}'")
            : $"{Prefix}{key}";

    private StateChange Upsert(string storeName, StateItem item, Func<string, RpcException> error)
    {
        var concurrency = item.Options?.Concurrency ?? StateOptions.Types.StateConcurrency.ConcurrencyUnspecified;
        return StateChange.Upsert(storeName, Key(item.Key), item.Value.ToByteArray(), item.Etag?.Value, concurrency, TimeToLive(item, error));
    }

    /// <summary>-1 and 0 mean no expiry, which is <see cref="TimeSpan.Zero"/> here.</summary>
    private static TimeSpan? TimeToLive(StateItem item, Func<string, RpcException> error)
    {
        if (!item.Metadata.TryGetValue("ttlInSeconds", out var text) || text.Length == 0)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) && seconds >= -1
            ? TimeSpan.FromSeconds(Math.Max(seconds, 0))
            : throw error($"error parsing TTL: incorrect value for metadata 'ttlInSeconds': {text}");
    }

    /// <summary>As daprd does for several items: each on its own, all tried, the failures told together.</summary>
    private void ApplyOneByOne(IReadOnlyList<StateChange> changes, Func<string, string> message)
    {
        var failures = new List<StateRefusedException>();
        foreach (var change in changes)
        {
            try
            {
                store.ApplyAll([change]);
            }
            catch (StateRefusedException exception)
            {
                failures.Add(exception);
            }
        }

        if (failures.Count > 0)
        {
            var decisive = failures.Find(failure => failure.Status != StatusCode.Internal) ?? failures[0];
            throw Error(decisive.Status, message(string.Join('\n', failures.Select(failure => failure.Message))));
        }
    }

    /// <summary>The SQL components tell when a value expires; Redis does not.</summary>
    private void AddExpiry(Google.Protobuf.Collections.MapField<string, string> metadata, StateEntry entry)
    {
        if (rules is SqlRules && entry.Expires is { } expires)
        {
            metadata.Add(ExpireTime, expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        }
    }
}

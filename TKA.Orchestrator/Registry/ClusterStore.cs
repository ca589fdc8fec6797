using System.Runtime.CompilerServices;
using TKA.State;

namespace TKA.Orchestrator.Registry;

/// <summary>Registrations in Dapr state: a document for each cluster, and an index of their names in <see cref="Shards"/> documents.</summary>
internal sealed class ClusterStore(StateStore state)
{
    private const int Shards = 32;
    private const int RecordsPerRead = 200;

    /// <summary>All that are stored, those whose lease has ended included. Only some hundred are in memory at a time.</summary>
    /// <exception cref="StateUnavailableException">Dapr did not answer.</exception>
    public async IAsyncEnumerable<ClusterRecord> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var indexes = await state.ReadManyAsync<ClusterIndex>(Enumerable.Range(0, Shards).Select(ShardKey), cancellationToken);
        foreach (var names in indexes.Values.SelectMany(index => index.Value?.Names ?? []).Distinct(StringComparer.Ordinal).Chunk(RecordsPerRead))
        {
            foreach (var record in (await state.ReadManyAsync<ClusterRecord>(names.Select(Key), cancellationToken)).Values)
            {
                if (record.Value is { } value)
                {
                    yield return value;
                }
            }
        }
    }

    /// <summary>Changes one; <paramref name="change"/> may run several times, on what other replicas wrote meanwhile.</summary>
    /// <param name="name">The cluster's name.</param>
    /// <param name="change">From what is stored to what shall be; the same: nothing is written.</param>
    /// <param name="lifetime">After which the store may forget it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StateUnavailableException">Dapr did not answer.</exception>
    public async Task<ClusterRecord?> ChangeAsync(
        string name, Func<ClusterRecord?, ClusterRecord?> change, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var isNew = false;
        var changed = await state.ChangeAsync(
            Key(name),
            stored =>
            {
                // Not only at the first read: another replica may remove it meanwhile.
                isNew = stored is null;
                return change(stored);
            },
            _ => lifetime,
            await state.ReadAsync<ClusterRecord>(Key(name), cancellationToken),
            cancellationToken);
        if (isNew && changed is not null)
        {
            // After the document: an index entry without a document would be dropped by the next read of another replica.
            await IndexAsync(name, listed: true, cancellationToken);
        }

        return changed;
    }

    /// <summary>Removes one, if it still is as <paramref name="expected"/> says.</summary>
    /// <exception cref="StateUnavailableException">Dapr did not answer.</exception>
    public async Task<bool> RemoveAsync(string name, Func<ClusterRecord, bool> expected, CancellationToken cancellationToken)
    {
        while (await state.ReadAsync<ClusterRecord>(Key(name), cancellationToken) is { } stored)
        {
            if (stored.Value is { } record && !expected(record))
            {
                return false;
            }

            if (await state.TryDeleteAsync(Key(name), stored.ETag, cancellationToken))
            {
                break;
            }
        }

        await IndexAsync(name, listed: false, cancellationToken);
        if ((await state.ReadAsync<ClusterRecord>(Key(name), cancellationToken))?.Value is not null)
        {
            // It has registered again between the two, and found its name in the index still.
            await IndexAsync(name, listed: true, cancellationToken);
        }

        return true;
    }

    // Separators that Dapr reserves ("||") cannot occur: names are DNS labels.
    private static string Key(string name) => $"cluster-{name}";

    private static string ShardKey(int shard) => $"clusters-{shard}";

    private Task<ClusterIndex?> IndexAsync(string name, bool listed, CancellationToken cancellationToken) =>
        state.ChangeAsync<ClusterIndex>(
            ShardKey(Shard(name)),
            index => (index?.Names.Contains(name) ?? false) == listed
                ? index
                : new ClusterIndex { Names = listed ? [.. index?.Names ?? [], name] : [.. index!.Names.Where(other => other != name)] },
            static _ => null,
            null,
            cancellationToken);

    /// <summary>FNV-1a: .NET's own hash of a text differs in every process.</summary>
    private static int Shard(string name) => (int)(name.Aggregate(2166136261u, static (hash, letter) => (hash ^ letter) * 16777619u) % Shards);
}

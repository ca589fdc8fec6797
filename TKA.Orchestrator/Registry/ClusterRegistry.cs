using Microsoft.Extensions.Options;
using TKA.Contracts.Orchestrator;
using TKA.Orchestrator.Configuration;
using TKA.State;
using TKA.Tailscale.Authentication;

namespace TKA.Orchestrator.Registry;

/// <summary>
/// Registrations as leases in Dapr state: one document for each cluster and an index of their names. Every write names
/// the ETag it was read with, so replicas and racing nodes cannot overwrite each other.
/// </summary>
internal sealed class ClusterRegistry(StateStore state, IOptions<RegistryOptions> options, TimeProvider time)
{
    private const string IndexKey = "clusters";
    private const int MostTries = 10;

    private readonly RegistryOptions _options = options.Value;

    /// <summary>All live registrations, by name. Names whose lease has ended leave the index on the way.</summary>
    public async Task<IReadOnlyList<ClusterRecord>> ListAsync(CancellationToken cancellationToken)
    {
        var stored = await state.ReadAsync<ClusterIndex>(IndexKey, cancellationToken);
        var index = stored?.Value;
        var etag = stored?.ETag ?? "";
        if (index is null)
        {
            return [];
        }

        var records = await state.ReadManyAsync<ClusterRecord>(index.Clusters.Keys.Select(KeyOf), cancellationToken);
        var live = records.Values.Select(record => record.Value).OfType<ClusterRecord>().Where(IsLive).OrderBy(record => record.Cluster.Name, StringComparer.Ordinal).ToArray();
        if (live.Length < index.Clusters.Count)
        {
            await DropEndedAsync(index, etag, live, cancellationToken);
        }

        return live;
    }

    /// <summary>One live registration.</summary>
    public async Task<ClusterRecord?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var stored = await state.ReadAsync<ClusterRecord>(KeyOf(name), cancellationToken);
        var record = stored?.Value;
        return record is not null && IsLive(record) ? record : null;
    }

    /// <summary>Registers or renews.</summary>
    public async Task<RegistrationResult> RegisterAsync(Cluster cluster, TailscalePeer caller, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var stored = await state.ReadAsync<ClusterRecord>(KeyOf(cluster.Name), cancellationToken);
            var existing = stored?.Value;
            var etag = stored?.ETag ?? "";
            var live = existing is not null && IsLive(existing) ? existing : null;
            if (live is not null && !MayChange(live, caller))
            {
                return new RegistrationResult(RegistrationOutcome.NameTaken, live);
            }

            // An admin who renews somebody's registration does not take it away from them.
            var record = new ClusterRecord
            {
                Cluster = cluster with { Status = null, LastSeen = null, Source = null },
                NodeId = live?.NodeId ?? caller.NodeStableId,
                RegisteredBy = live?.RegisteredBy ?? caller.Principal,
                LastSeen = time.GetUtcNow(),
            };

            if (!await MayHoldAsync(record, cancellationToken))
            {
                return new RegistrationResult(RegistrationOutcome.TooMany, record);
            }

            if (await state.TryWriteAsync(KeyOf(cluster.Name), record, etag, _options.Lifetime, cancellationToken))
            {
                // After the document, so that a list never finds the name without it. What a crash in between or a list
                // that just dropped the old lease leaves undone, the next heartbeat does.
                await IndexAsync(record, cancellationToken);
                return new RegistrationResult(live is null ? RegistrationOutcome.Created : RegistrationOutcome.Renewed, record);
            }
        }

        throw Contended();
    }

    /// <summary>Removes a registration.</summary>
    public async Task<RemovalOutcome> RemoveAsync(string name, TailscalePeer caller, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var stored = await state.ReadAsync<ClusterRecord>(KeyOf(name), cancellationToken);
            var existing = stored?.Value;
            var etag = stored?.ETag ?? "";
            if (existing is null || !IsLive(existing))
            {
                return RemovalOutcome.NotFound;
            }

            if (!MayChange(existing, caller))
            {
                return RemovalOutcome.NotOwner;
            }

            if (await state.TryDeleteAsync(KeyOf(name), etag, cancellationToken))
            {
                return RemovalOutcome.Removed;
            }
        }

        throw Contended();
    }

    /// <summary>How a registration looks to clients now.</summary>
    public Cluster Present(ClusterRecord record) => record.Cluster with
    {
        Status = time.GetUtcNow() - record.LastSeen > _options.StaleAfter ? ClusterStatus.Stale : ClusterStatus.Ready,
        LastSeen = record.LastSeen,
        Source = ClusterSource.Registered,
    };

    // Separators that Dapr reserves ("||") cannot occur: names are DNS labels.
    private static string KeyOf(string name) => $"cluster-{name}";

    private static bool MayChange(ClusterRecord record, TailscalePeer caller) =>
        record.NodeId == caller.NodeStableId || (!caller.IsTagged && caller.Rules.IsAdmin);

    private static StateUnavailableException Contended() =>
        new("The registry is being changed by too many at once.");

    // Not every state store honours a time to live.
    private bool IsLive(ClusterRecord record) => time.GetUtcNow() - record.LastSeen < _options.Lifetime;

    private async Task<bool> MayHoldAsync(ClusterRecord record, CancellationToken cancellationToken)
    {
        var stored = await state.ReadAsync<ClusterIndex>(IndexKey, cancellationToken);
        var index = stored?.Value;
        return index is null
            || index.Clusters.Count(entry => entry.Value == record.NodeId && entry.Key != record.Cluster.Name) < _options.MaxClustersPerNode;
    }

    private async Task IndexAsync(ClusterRecord record, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var stored = await state.ReadAsync<ClusterIndex>(IndexKey, cancellationToken);
            var index = stored?.Value;
            var etag = stored?.ETag ?? "";
            index ??= new ClusterIndex();
            if (index.Clusters.TryGetValue(record.Cluster.Name, out var holder) && holder == record.NodeId)
            {
                return;
            }

            index.Clusters[record.Cluster.Name] = record.NodeId;
            if (await state.TryWriteAsync(IndexKey, index, etag, null, cancellationToken))
            {
                return;
            }
        }

        throw Contended();
    }

    private async Task DropEndedAsync(ClusterIndex index, string etag, ClusterRecord[] live, CancellationToken cancellationToken)
    {
        var kept = new ClusterIndex();
        foreach (var record in live)
        {
            kept.Clusters[record.Cluster.Name] = index.Clusters[record.Cluster.Name];
        }

        // Losing the race is fine: whoever won has a newer view, and the next list tries again.
        await state.TryWriteAsync(IndexKey, kept, etag, null, cancellationToken);
    }
}

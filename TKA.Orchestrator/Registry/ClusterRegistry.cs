using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using TKA.Contracts.Orchestrator;
using TKA.Orchestrator.Configuration;
using TKA.State;

namespace TKA.Orchestrator.Registry;

/// <summary>What becomes of a registration.</summary>
internal enum RegistrationOutcome
{
    /// <summary>A new cluster.</summary>
    Created,

    /// <summary>A lease renewed.</summary>
    Renewed,

    /// <summary>Another installation holds the name.</summary>
    NameTaken,
}

/// <summary>A registration's outcome, and the record that now holds the name.</summary>
internal sealed record RegistrationResult(RegistrationOutcome Outcome, ClusterRecord Record);

/// <summary>
/// Registrations as leases. Dapr state is the truth that replicas share; each replica remembers what it knows, serves reads from
/// that, and goes on alone while the state store is away.
/// </summary>
internal sealed class ClusterRegistry(ClusterStore store, ClusterView view, IOptions<RegistryOptions> options, TimeProvider time, ILogger<ClusterRegistry> logger)
{
    private static readonly TimeSpan ContestShown = TimeSpan.FromMinutes(5);

    /// <summary>A sidecar starts beside this process and may take longer: until then its absence is not worth a warning.</summary>
    private static readonly TimeSpan SidecarStart = TimeSpan.FromSeconds(30);

    private readonly RegistryOptions _options = options.Value;
    private readonly long _began = time.GetTimestamp();
    private bool _warned;
    private readonly ConcurrentDictionary<string, ClusterRecord> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _unwritten = new(StringComparer.Ordinal);

    /// <summary>Held while memory and view are brought in line with each other: a registration between the two would be taken off the view.</summary>
    private readonly Lock _gate = new();

    /// <summary>Names that this replica has changed since it began to read the store: what it reads of them may be older. Guarded by <see cref="_gate"/>.</summary>
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);

    /// <summary>Why the state store cannot be used now; <see langword="null"/> when it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether the state store has been read once.</summary>
    public bool HasSynced { get; private set; }

    /// <summary>Live registrations that this replica knows.</summary>
    public IEnumerable<ClusterRecord> Known => _known.Values.Where(IsLive);

    /// <summary>Registers a cluster that has been looked at, or renews its lease.</summary>
    /// <param name="cluster">What its API said.</param>
    /// <param name="installationId">Which installation it is.</param>
    /// <param name="nodeId">Stable id of the node that asked.</param>
    /// <param name="principal">Who that was, for people.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<RegistrationResult> RegisterAsync(
        Cluster cluster, string installationId, string nodeId, string principal, CancellationToken cancellationToken)
    {
        var outcome = RegistrationOutcome.Created;
        ClusterRecord Decide(ClusterRecord? stored)
        {
            var now = time.GetUtcNow();
            var holder = stored is not null && IsLive(stored) ? stored : null;
            if (holder is not null && holder.InstallationId != installationId && !IsStale(holder))
            {
                outcome = RegistrationOutcome.NameTaken;
                return holder with { Contested = new Contest(principal, now) };
            }

            var own = holder?.InstallationId == installationId ? holder : null;
            outcome = own is null ? RegistrationOutcome.Created : RegistrationOutcome.Renewed;
            return new ClusterRecord
            {
                Cluster = cluster,
                InstallationId = installationId,
                RegisteredBy = principal,
                LastSeen = now,
                Nodes = new Dictionary<string, DateTimeOffset>(own?.Nodes.Where(node => now - node.Value < _options.StaleAfter) ?? []) { [nodeId] = now },
                Contested = own?.Contested,
            };
        }

        var record = await ChangeAsync(cluster.Name, Decide, cancellationToken);
        if (outcome != RegistrationOutcome.NameTaken)
        {
            foreach (var old in Known.Where(other => other.InstallationId == installationId && other.Cluster.Name != cluster.Name).ToArray())
            {
                await RemoveAsync(old.Cluster.Name, stored => stored.InstallationId == installationId, cancellationToken);
            }
        }

        return new RegistrationResult(outcome, record);
    }

    /// <summary>Takes a node that stops off its cluster; the cluster goes with its last node.</summary>
    public async Task LeaveAsync(string name, string nodeId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var left = await ChangeAsync(
            name,
            stored => stored! with { Nodes = stored.Nodes.Where(node => node.Key != nodeId && now - node.Value < _options.StaleAfter).ToDictionary() },
            cancellationToken);
        if (left.Nodes.Count == 0)
        {
            await RemoveAsync(name, stored => stored.Nodes.Count == 0, cancellationToken);
        }
    }

    /// <summary>Removes a registration.</summary>
    public async Task RemoveAsync(string name, Func<ClusterRecord, bool> expected, CancellationToken cancellationToken)
    {
        if (!await store.RemoveAsync(name, expected, cancellationToken))
        {
            return;
        }

        lock (_gate)
        {
            _touched.Add(name);
            _known.TryRemove(name, out _);
            _unwritten.TryRemove(name, out _);
            view.Remove(name);
        }
    }

    /// <summary>The live registration of a name.</summary>
    public ClusterRecord? Find(string name) => _known.TryGetValue(name, out var record) && IsLive(record) ? record : null;

    /// <summary>How a registration looks to clients now.</summary>
    public Cluster Present(ClusterRecord record) => record.Cluster with
    {
        Status = IsStale(record) ? ClusterStatus.Stale : ClusterStatus.Ready,
        LastSeen = record.LastSeen,
        Source = ClusterSource.Registered,
        Conflict = record.Contested is { } contest && time.GetUtcNow() - contest.At < ContestShown
            ? $"{contest.By} asked for this name at {contest.At:yyyy-MM-dd'T'HH:mm:ss'Z'} for another installation."
            : null,
    };

    /// <summary>Writes what the state store missed, reads what other replicas wrote, and forgets what is over.</summary>
    public async Task SyncAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var name in _unwritten.Keys)
            {
                if (_known.TryGetValue(name, out var mine))
                {
                    await store.ChangeAsync(name, stored => Newer(stored, mine), _options.Lifetime, cancellationToken);
                }

                _unwritten.TryRemove(name, out _);
            }

            lock (_gate)
            {
                _touched.Clear();
            }

            var names = new HashSet<string>(StringComparer.Ordinal);
            await foreach (var record in store.ReadAllAsync(cancellationToken))
            {
                var name = record.Cluster.Name;
                names.Add(name);
                lock (_gate)
                {
                    if (_touched.Contains(name))
                    {
                        continue;
                    }

                    _known.AddOrUpdate(name, record, (_, mine) => Newer(mine, record));
                }

                if (!IsLive(record))
                {
                    await RemoveAsync(name, stored => !IsLive(stored), cancellationToken);
                }
            }

            lock (_gate)
            {
                foreach (var name in _known.Keys.Where(name => !names.Contains(name) && !_touched.Contains(name)))
                {
                    _known.TryRemove(name, out _);
                }
            }

            Report(null);
            HasSynced = true;
        }
        catch (StateUnavailableException exception)
        {
            Report(exception.Message);
        }

        lock (_gate)
        {
            view.Reset(ClusterSource.Registered, [.. Known.Select(Present)]);
        }
    }

    private async Task<ClusterRecord> ChangeAsync(string name, Func<ClusterRecord?, ClusterRecord> decide, CancellationToken cancellationToken)
    {
        ClusterRecord record;
        try
        {
            record = (await store.ChangeAsync(name, decide, _options.Lifetime, cancellationToken))!;
            _unwritten.TryRemove(name, out _);
            Report(null);
        }
        catch (StateUnavailableException exception)
        {
            Report(exception.Message);
            record = decide(_known.GetValueOrDefault(name));
            _unwritten[name] = 0;
        }

        lock (_gate)
        {
            _touched.Add(name);
            _known[name] = record;
            view.Set(Present(record));
        }

        return record;
    }

    private void Report(string? problem)
    {
        if (problem is not null && !_warned && (HasSynced || time.GetElapsedTime(_began) > SidecarStart))
        {
            _warned = true;
            Telemetry.Log.StateUnavailable(logger, problem);
        }

        _warned = _warned && problem is not null;
        Problem = problem;
    }

    /// <summary>
    /// The record with the later heartbeat, and of two with the same the second. A refused registration is no heartbeat of the holder: of
    /// one installation the later contest counts, whichever record has it.
    /// </summary>
    private static ClusterRecord Newer(ClusterRecord? first, ClusterRecord second)
    {
        if (first is null)
        {
            return second;
        }

        // The objects that are there already stay: what was read anew says the same of most clusters.
        if (first.LastSeen == second.LastSeen && first.Contested == second.Contested && first.Nodes.Count == second.Nodes.Count)
        {
            return first;
        }

        var newer = first.LastSeen > second.LastSeen ? first : second;
        var contest = first.InstallationId != second.InstallationId ? newer.Contested
            : first.Contested?.At > second.Contested?.At || second.Contested is null ? first.Contested
            : second.Contested;
        return newer.Contested == contest ? newer : newer with { Contested = contest };
    }

    private bool IsStale(ClusterRecord record) => time.GetUtcNow() - record.LastSeen > _options.StaleAfter;

    // Not every state store honours a time to live.
    private bool IsLive(ClusterRecord record) => time.GetUtcNow() - record.LastSeen < _options.Lifetime;
}

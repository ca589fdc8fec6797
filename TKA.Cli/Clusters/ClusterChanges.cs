using System.Text.Json;
using TKA.Contracts;
using TKA.Contracts.Orchestrator;

namespace TKA.Cli.Clusters;

/// <summary>
/// The changes in a stream of events. Another replica, or the same after a restart, begins with all clusters: what has not changed since
/// is not told again, and what is not among them any more is told as removed.
/// </summary>
internal sealed class ClusterChanges
{
    private readonly Dictionary<string, (Cluster Cluster, string Content)> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>A new stream begins.</summary>
    public void Begin() => _told.Clear();

    /// <summary>What an event says that is not known.</summary>
    /// <param name="kind">One of <see cref="ClusterEvents"/>.</param>
    /// <param name="data">A cluster as JSON, or nothing.</param>
    public IReadOnlyList<(string Kind, Cluster Cluster)> Take(string kind, string data)
    {
        if (kind == ClusterEvents.Synced)
        {
            return [.. _known.Keys.Except(_told).ToArray().SelectMany(Remove)];
        }

        if (data.Length == 0 || Read(data) is not { } cluster)
        {
            return [];
        }

        if (kind == ClusterEvents.Removed)
        {
            _known.Remove(cluster.Name);
            return [(kind, cluster)];
        }

        // A heartbeat is no change.
        var content = JsonSerializer.Serialize(cluster with { LastSeen = null }, ContractsJsonContext.Default.Cluster);
        var isKnown = _known.TryGetValue(cluster.Name, out var before);
        _told.Add(cluster.Name);
        _known[cluster.Name] = (cluster, content);
        return isKnown && before.Content == content ? [] : [(isKnown ? ClusterEvents.Modified : ClusterEvents.Added, cluster)];
    }

    private IReadOnlyList<(string, Cluster)> Remove(string name) => _known.Remove(name, out var gone) ? [(ClusterEvents.Removed, gone.Cluster)] : [];

    /// <summary>What is no cluster tells nothing; the stream goes on.</summary>
    private static Cluster? Read(string data)
    {
        try
        {
            return JsonSerializer.Deserialize(data, ContractsJsonContext.Default.Cluster);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

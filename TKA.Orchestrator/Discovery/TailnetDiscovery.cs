using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;
using TKA.Contracts.Orchestrator;
using TKA.Orchestrator.Configuration;
using TKA.Orchestrator.Registry;
using TKA.Orchestrator.Telemetry;
using TKA.Tailscale.LocalApi;
using TKA.Tailscale.Serving;

namespace TKA.Orchestrator.Discovery;

/// <summary>
/// Finds clusters that have not registered: online nodes with the cluster tag are asked what they serve. Only the control plane gives
/// tags, so a node cannot make itself one of them.
/// </summary>
internal sealed class TailnetDiscovery(
    ILocalApiClient localApi,
    ClusterProbe probe,
    ClusterRegistry registry,
    ClusterView view,
    IOptions<RegistryOptions> options,
    TimeProvider time,
    ILogger<TailnetDiscovery> logger) : BackgroundService
{
    private const int AtOnce = 8;

    /// <summary>How long an answer, or its absence, is good.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Asked> _asked = new(StringComparer.Ordinal);

    /// <summary>Looks once.</summary>
    public async Task FindAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ClusterNode> nodes;
        try
        {
            nodes = NodesOf(await localApi.StatusAsync(peers: true, cancellationToken));
        }
        catch (LocalApiException exception)
        {
            Log.DiscoveryFailed(logger, exception.Message);
            return;
        }

        var registered = registry.Known.SelectMany(record => record.Nodes.Keys).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _asked.Keys.Except(nodes.Select(node => node.Id)))
        {
            _asked.TryRemove(gone, out _);
        }

        await Parallel.ForEachAsync(
            nodes.Where(node => !registered.Contains(node.Id) && !IsFresh(node.Id)),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            AskAsync);
        var ids = registry.Known.Select(record => record.InstallationId).ToHashSet(StringComparer.Ordinal);
        var names = registry.Known.Select(record => record.Cluster.Name).ToHashSet(StringComparer.Ordinal);
        var found = new List<Cluster>();
        foreach (var (_, asked) in _asked.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            // Several nodes of one installation are one cluster, and a name that is held is not given away.
            if (asked.Answer is { } answer && ids.Add(answer.InstallationId) && names.Add(answer.Cluster.Name))
            {
                found.Add(answer.Cluster with { Status = ClusterStatus.Ready, Source = ClusterSource.Tailnet, LastSeen = asked.When });
            }
        }

        view.Reset(ClusterSource.Tailnet, found);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested && options.Value.ClusterTag.Length > 0)
        {
            try
            {
                await FindAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private IReadOnlyList<ClusterNode> NodesOf(TailscaleStatus status) =>
    [
        .. (status.Peer?.Values ?? [])
            .Where(peer => peer.Online && !peer.Expired && options.Value.IsClusterNode(peer.Tags) && peer.TailscaleIPs is { Count: > 0 })
            .Select(peer => new ClusterNode(peer.ID, peer.DNSName.TrimEnd('.'), peer.TailscaleIPs![0]))
            .Where(node => node.Fqdn.Length > 0 && IPAddress.TryParse(node.Address, out var address) && ListenAddress.IsTailnet(address)),
    ];

    private bool IsFresh(string node) => _asked.TryGetValue(node, out var asked) && time.GetUtcNow() - asked.When < Freshness;

    private async ValueTask AskAsync(ClusterNode node, CancellationToken cancellationToken)
    {
        ClusterAnswer? answer = null;
        try
        {
            answer = await probe.AskAsync(node, null, cancellationToken);
        }
        catch (ClusterProbeException exception)
        {
            // Once, not at every look.
            if (!_asked.TryGetValue(node.Id, out var before) || before.Answer is not null)
            {
                Log.NoCluster(logger, node.Fqdn, exception.Message);
            }
        }

        _asked[node.Id] = new Asked(answer, time.GetUtcNow());
    }

    private sealed record Asked(ClusterAnswer? Answer, DateTimeOffset When);
}

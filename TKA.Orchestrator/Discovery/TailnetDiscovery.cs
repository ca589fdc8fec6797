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

    /// <summary>How long an answer is good, and the longest time between two questions to a node that does not answer.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(60);

    /// <summary>Time between two looks at the list of nodes.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>When a node that did not answer is asked again; doubled with each failure. A node is often online before its API is.</summary>
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

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
        var found = new Dictionary<string, Cluster>(StringComparer.Ordinal);
        foreach (var (_, asked) in _asked.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            // Several nodes of one installation are one cluster.
            if (asked.Answer is not { } answer || !ids.Add(answer.InstallationId))
            {
                continue;
            }

            // A name that is held is not given away.
            var name = answer.Cluster.Name;
            if (names.Add(name))
            {
                found[name] = answer.Cluster with { Status = ClusterStatus.Ready, Source = ClusterSource.Tailnet, LastSeen = asked.When };
            }
            else if (found.TryGetValue(name, out var holder))
            {
                found[name] = holder with { Conflict = $"{answer.Cluster.TkaEndpoint} says that it is {name}, too." };
            }
        }

        view.Reset(ClusterSource.Tailnet, found.Values);
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

            await Task.Delay(UntilNextLook(), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private IReadOnlyList<ClusterNode> NodesOf(TailscaleStatus status) =>
    [
        .. (status.Peer?.Values ?? [])
            .Where(peer => peer.Online && !peer.Expired && options.Value.IsClusterNode(peer.Tags) && peer.TailscaleIPs is { Count: > 0 })
            .Select(peer => new ClusterNode(peer.ID, peer.DNSName.TrimEnd('.'), peer.TailscaleIPs![0]))
            .Where(node => node.Fqdn.Length > 0 && IPAddress.TryParse(node.Address, out var address) && ListenAddress.IsTailnet(address)),
    ];

    private bool IsFresh(string node) => _asked.TryGetValue(node, out var asked) && time.GetUtcNow() < asked.Until;

    private TimeSpan UntilNextLook()
    {
        var now = time.GetUtcNow();
        var next = _asked.Values.Select(asked => asked.Until - now).Append(Interval).Min();
        return next < FirstRetry ? FirstRetry : next;
    }

    private async ValueTask AskAsync(ClusterNode node, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await probe.AskAsync(node, null, cancellationToken);
            var now = time.GetUtcNow();
            _asked[node.Id] = new Asked(answer, now, now + Freshness, FirstRetry);
        }
        catch (ClusterProbeException exception)
        {
            var before = _asked.GetValueOrDefault(node.Id);
            var retry = before?.Retry ?? FirstRetry;

            // Once, not at every look.
            if (before is null or { Answer: not null })
            {
                Log.NoCluster(logger, node.Fqdn, exception.Message);
            }

            var now = time.GetUtcNow();
            _asked[node.Id] = new Asked(null, now, now + retry, retry * 2 < Freshness ? retry * 2 : Freshness);
        }
    }

    /// <param name="Answer">What the node said; <see langword="null"/>: nothing that describes a cluster.</param>
    /// <param name="When">When it was asked.</param>
    /// <param name="Until">When it is asked again.</param>
    /// <param name="Retry">How long to wait after the next failure.</param>
    private sealed record Asked(ClusterAnswer? Answer, DateTimeOffset When, DateTimeOffset Until, TimeSpan Retry);
}

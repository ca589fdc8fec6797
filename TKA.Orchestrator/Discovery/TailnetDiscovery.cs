using Microsoft.Extensions.Options;
using TKA.Contracts.Orchestrator;
using TKA.Orchestrator.Configuration;
using TKA.Orchestrator.Registry;
using TKA.Orchestrator.Telemetry;
using TKA.Tailscale.LocalApi;

namespace TKA.Orchestrator.Discovery;

/// <summary>
/// Clusters that have not registered but whose TKA node is on the tailnet, told by its tag. Only the control plane gives
/// tags, so a node cannot make itself one of them. Nothing but their name is known.
/// </summary>
internal sealed class TailnetDiscovery(
    ILocalApiClient localApi, IOptions<RegistryOptions> options, TimeProvider time, ILogger<TailnetDiscovery> logger)
{
    // A status with all peers costs tailscaled 1.5 kB each.
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    private volatile Seen? _seen;

    /// <summary>Peers with the tag, except those that registered something. Empty while tailscaled cannot be asked.</summary>
    public async Task<IReadOnlyList<Cluster>> FindAsync(IReadOnlyCollection<ClusterRecord> registered, CancellationToken cancellationToken)
    {
        if (options.Value.ClusterTag.Length == 0)
        {
            return [];
        }

        var nodes = registered.Select(record => record.NodeId).ToHashSet(StringComparer.Ordinal);
        var names = registered.Select(record => record.Cluster.Name).ToHashSet(StringComparer.Ordinal);
        var found = new List<Cluster>();
        foreach (var peer in await PeersAsync(cancellationToken))
        {
            var dns = peer.DNSName.TrimEnd('.');
            var name = dns.Split('.', 2)[0];
            if (dns.Length > 0 && !nodes.Contains(peer.ID) && names.Add(name))
            {
                found.Add(new Cluster
                {
                    Name = name,
                    ApiEndpoint = "",
                    TkaEndpoint = $"https://{dns}",
                    Description = "Found on the tailnet; has not registered.",
                    Status = peer.Online && !peer.Expired ? ClusterStatus.Ready : ClusterStatus.Stale,
                    Source = ClusterSource.Tailnet,
                });
            }
        }

        return found;
    }

    private async Task<IReadOnlyList<PeerStatus>> PeersAsync(CancellationToken cancellationToken)
    {
        if (_seen is { } seen && time.GetElapsedTime(seen.At) < Freshness)
        {
            return seen.Peers;
        }

        try
        {
            var status = await localApi.StatusAsync(peers: true, cancellationToken);
            var peers = (status.Peer?.Values ?? [])
                .Where(peer => peer.Tags?.Contains(options.Value.ClusterTag) == true)
                .OrderBy(peer => peer.DNSName, StringComparer.Ordinal)
                .ToArray();
            _seen = new Seen(peers, time.GetTimestamp());
            return peers;
        }
        catch (LocalApiException exception)
        {
            Log.DiscoveryFailed(logger, exception.Message);
            return [];
        }
    }

    private sealed record Seen(IReadOnlyList<PeerStatus> Peers, long At);
}

using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;
using TKA.Contracts;
using TKA.Contracts.Orchestrator;
using TKA.Orchestrator.Configuration;
using TKA.Orchestrator.Discovery;

namespace TKA.Orchestrator.Registry;

/// <summary>
/// Looks at a node that asks to be registered. Who speaks through a node (its SOCKS proxy, another process there) can cause a look
/// and nothing else: what is stored is what the node's own API says.
/// </summary>
internal sealed class Registrations(ClusterProbe probe, ClusterRegistry registry, IOptions<RegistryOptions> options, TimeProvider time)
{
    // A heartbeat that says what the one before it said needs no new look every time.
    private const int HeartbeatsPerLook = 10;

    private readonly ConcurrentDictionary<string, Look> _looks = new(StringComparer.Ordinal);

    /// <summary>Registers or renews the cluster of a node.</summary>
    /// <param name="node">The caller's node.</param>
    /// <param name="principal">Who asks, for people.</param>
    /// <param name="request">What the request says; decides only whether to look anew and at which port.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ClusterProbeException">The node's API does not answer.</exception>
    public async Task<RegistrationResult> RegisterAsync(ClusterNode node, string principal, Cluster request, CancellationToken cancellationToken)
    {
        var said = Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request, ContractsJsonContext.Default.Cluster)));
        if (!_looks.TryGetValue(node.Id, out var look) || look.Said != said || time.GetUtcNow() - look.When > options.Value.Heartbeat * HeartbeatsPerLook)
        {
            _looks[node.Id] = look = new Look(await probe.AskAsync(node, request.TkaEndpoint, cancellationToken), said, time.GetUtcNow());
        }

        return await registry.RegisterAsync(look.Answer.Cluster, look.Answer.InstallationId, node.Id, principal, cancellationToken);
    }

    /// <summary>Takes a node off its cluster, unless it still serves: then somebody else asked in its name.</summary>
    /// <returns>Whether it had stopped.</returns>
    public async Task<bool> LeaveAsync(ClusterNode node, ClusterRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await probe.AskAsync(node, record.Cluster.TkaEndpoint, cancellationToken);
            return false;
        }
        catch (ClusterProbeException)
        {
            _looks.TryRemove(node.Id, out _);
            await registry.LeaveAsync(record.Cluster.Name, node.Id, cancellationToken);
            return true;
        }
    }

    private sealed record Look(ClusterAnswer Answer, string Said, DateTimeOffset When);
}

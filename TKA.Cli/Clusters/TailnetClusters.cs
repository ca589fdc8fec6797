using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using TKA.Cli.Client;
using TKA.Cli.Commands;
using TKA.Cli.Configuration;
using TKA.Cli.Errors;
using TKA.Contracts;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using TKA.Contracts.Selectors;

namespace TKA.Cli.Clusters;

/// <summary>
/// Finds clusters without an orchestrator: online peers with the tag of TKA's nodes are asked for <c>/cluster-info</c>. Names come from
/// tailscaled, only the control plane gives tags, and TLS proves the name, so an answer decides nothing but what is listed.
/// </summary>
internal static class TailnetClusters
{
    private const int AtOnce = 32;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private static readonly string[] Tags = ["tag:tka", "tag:tka-cluster"];

    /// <summary>Asks all of them at once. One that does not answer within 2 s is left out.</summary>
    /// <param name="context">The command.</param>
    /// <param name="socket">Socket of tailscaled.</param>
    /// <param name="selector">Label selector; null: all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="limit">Time for all together, after which those that have answered are listed; null: none.</param>
    /// <exception cref="CliException">tailscaled does not answer.</exception>
    public static async Task<ClusterList> FindAsync(CommandContext context, string socket, string? selector, CancellationToken cancellationToken, TimeSpan? limit = null)
    {
        var labels = LabelSelector.Parse(selector ?? "");
        using var status = await LocalTailscaled.StatusAsync(socket, cancellationToken) ?? throw new CliException(
            ErrorCodes.OrchestratorUnset,
            ExitCode.Unreachable,
            $"No orchestrator is configured, and tailscaled at {socket} does not answer, so clusters cannot be found.",
            ["Start it: systemctl start tailscaled", "Or name an orchestrator: tka config orchestrator.url HOST"]);
        var found = new ConcurrentDictionary<string, (ClusterInfo Info, Uri Server)>(StringComparer.Ordinal);
        using var deadline = new CancellationTokenSource(limit ?? Timeout.InfiniteTimeSpan, context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await Parallel.ForEachAsync(
                NodesOf(status.RootElement),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = either.Token },
                async (node, token) =>
                {
                    var server = new UriBuilder(Uri.UriSchemeHttps, node, int.Parse(context.Configuration[ConfigKey.Port], CultureInfo.InvariantCulture)).Uri;
                    if (await AskAsync(context, server, token) is { } info)
                    {
                        found[node] = (info, server);
                    }
                });
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The others have answered, and are listed.
        }

        var clusters = Named(found, context.Clock);
        if (!deadline.IsCancellationRequested && clusters.Count > 0)
        {
            KnownClusters.Remember(context.Configuration, clusters.Values);
        }

        return new ClusterList { Items = [.. clusters.Values.Where(cluster => labels.Matches(cluster.Labels))] };
    }

    /// <summary>
    /// The clusters by the names that they give themselves. One that claims the name of another, or none that can be one, is listed by the
    /// name of its node, which only the control plane gives.
    /// </summary>
    private static SortedDictionary<string, Cluster> Named(IReadOnlyDictionary<string, (ClusterInfo Info, Uri Server)> found, TimeProvider clock)
    {
        // Several nodes of one installation are one cluster.
        var nodes = found.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .DistinctBy(pair => pair.Value.Info.InstallationId ?? pair.Key, StringComparer.Ordinal)
            .Select(pair => (Host: pair.Key.Split('.')[0].ToLowerInvariant(), Name: pair.Value.Info.Name, pair.Value.Info, pair.Value.Server))
            .ToArray();
        var clusters = new SortedDictionary<string, Cluster>(StringComparer.Ordinal);
        foreach (var (host, name, info, server) in nodes)
        {
            var rivals = nodes.Where(other => other.Host != host && (other.Name == name || other.Host == name)).Select(other => other.Host).ToArray();
            var own = name is not null && DnsLabel.IsValid(name) && rivals.Length == 0 ? name : host;
            clusters[own] = Describe(own, info, server, clock) with
            {
                Conflict = rivals.Length > 0 && name is { Length: > 0 } ? $"It calls itself {name}, as {string.Join(", ", rivals)} does." : null,
            };
        }

        return clusters;
    }

    // {"MagicDNSSuffix":"example.ts.net","Peer":{"nodekey:...":{"DNSName":"tka.example.ts.net.","Online":true,"Expired":true,"Tags":["tag:tka"]},...},...}
    private static IEnumerable<string> NodesOf(JsonElement status)
    {
        var suffix = status.TryGetProperty("MagicDNSSuffix", out var domain) && domain.ValueKind == JsonValueKind.String ? $".{domain.GetString()}" : ".";
        return status.TryGetProperty("Peer", out var peers) && peers.ValueKind == JsonValueKind.Object
            ? peers.EnumerateObject()
                .Select(peer => peer.Value)
                .Where(peer => Is(peer, "Online") && !Is(peer, "Expired")
                    && peer.TryGetProperty("Tags", out var tags) && tags.ValueKind == JsonValueKind.Array && tags.EnumerateArray().Any(tag => Tags.Contains(tag.GetString())))
                .Select(peer => peer.TryGetProperty("DNSName", out var name) ? name.GetString()!.TrimEnd('.') : "")
                .Where(name => name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) && Uri.CheckHostName(name) == UriHostNameType.Dns)
            : [];
    }

    private static bool Is(JsonElement peer, string name) => peer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static async Task<ClusterInfo?> AskAsync(CommandContext context, Uri server, CancellationToken cancellationToken)
    {
        using var transport = context.CreateTransport(server);
        try
        {
            var answer = await transport.SendAsync(HttpMethod.Get, ApiRoutes.ClusterInfo, limit: Limit, cancellationToken: cancellationToken);
            return answer.IsSuccess ? transport.Read(answer, ContractsJsonContext.Default.ClusterInfo) : null;
        }
        catch (CliException exception)
        {
            if (context.Debug)
            {
                Terminal.CliConsole.Debug($"{server.Host} is no cluster: {exception.Message}");
            }

            return null;
        }
    }

    private static Cluster Describe(string name, ClusterInfo info, Uri server, TimeProvider clock) => new()
    {
        Name = name,
        ApiEndpoint = info.ServerUrl,
        TkaEndpoint = server.GetLeftPart(UriPartial.Authority),
        CaData = info.CaData.Length > 0 ? info.CaData : null,
        Description = info.Description ?? "",
        Labels = info.Labels,
        Version = info.Version ?? "",
        Status = "ready",
        Source = "tailnet",
        LastSeen = clock.GetUtcNow(),
    };
}

using System.Collections.Concurrent;
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
    private const int AtOnce = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private static readonly string[] Tags = ["tag:tka", "tag:tka-cluster"];

    /// <summary>Asks all of them.</summary>
    /// <exception cref="CliException">tailscaled does not answer, or the text is not a label selector.</exception>
    public static async Task<ClusterList> FindAsync(CommandContext context, string socket, string? selector, CancellationToken cancellationToken)
    {
        var labels = Parse(selector);
        using var status = await LocalTailscaled.StatusAsync(socket, cancellationToken) ?? throw new CliException(
            ErrorCodes.OrchestratorUnset,
            ExitCode.Unreachable,
            $"No orchestrator is configured, and tailscaled at {socket} does not answer, so clusters cannot be found.",
            ["Start it: systemctl start tailscaled", "Or name an orchestrator: tka config orchestrator.url HOST"]);
        var found = new ConcurrentDictionary<string, (ClusterInfo Info, Uri Server)>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(
            NodesOf(status.RootElement),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (node, token) =>
            {
                var server = new UriBuilder(Uri.UriSchemeHttps, node, int.Parse(context.Configuration[ConfigKey.Port], System.Globalization.CultureInfo.InvariantCulture)).Uri;
                if (await AskAsync(context, server, token) is { } info)
                {
                    found[node] = (info, server);
                }
            });

        var clusters = new SortedDictionary<string, Cluster>(StringComparer.Ordinal);
        var installations = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (node, (info, server)) in found.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            // Several nodes of one installation are one cluster.
            if (info.InstallationId is null || installations.Add(info.InstallationId))
            {
                var host = node.Split('.')[0];
                var name = info.Name is { Length: > 0 } own && own.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && !clusters.ContainsKey(own) ? own : host;
                clusters[name] = Describe(name, info, server, context.Clock);
            }
        }

        return new ClusterList { Items = [.. clusters.Values.Where(cluster => labels.Matches(cluster.Labels))] };
    }

    private static LabelSelector Parse(string? selector)
    {
        try
        {
            return LabelSelector.Parse(selector ?? "");
        }
        catch (FormatException exception)
        {
            throw new CliException(ErrorCodes.Usage, ExitCode.Usage, exception.Message, ["Write a label selector as for kubectl: env=production,region!=eu"], exception);
        }
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

using TKA.Cli.Client;
using TKA.Cli.Commands;
using TKA.Cli.Configuration;
using TKA.Cli.Errors;
using TKA.Contracts.Orchestrator;

namespace TKA.Cli.Clusters;

/// <summary>The clusters there are: from the orchestrator, or without one from the tailnet itself.</summary>
internal static class ClusterDirectory
{
    /// <summary>Lists them, perhaps only those a label selector picks.</summary>
    /// <exception cref="CliException">Neither an orchestrator nor a tailscaled is there.</exception>
    public static async Task<ClusterList> ListAsync(CommandContext context, string? selector, CancellationToken cancellationToken, TimeSpan? limit = null)
    {
        if (context.Configuration[ConfigKey.Orchestrator].Length == 0 && LocalTailscaled.FindSocket(context.Configuration[ConfigKey.Socket]) is { } socket)
        {
            return await TailnetClusters.FindAsync(context, socket, selector, cancellationToken, limit);
        }

        using var orchestrator = context.CreateOrchestratorClient();
        var list = await orchestrator.ListAsync(selector, cancellationToken, limit);
        if (selector is null)
        {
            KnownClusters.Remember(context.Configuration, list.Items);
        }

        return list;
    }

    /// <summary>The URL of a cluster's TKA server.</summary>
    /// <exception cref="CliException">No such cluster, or it has no TKA server that may be used.</exception>
    public static async Task<Uri> FindServerAsync(CommandContext context, string name, CancellationToken cancellationToken)
    {
        var clusters = (await ListAsync(context, null, cancellationToken)).Items;
        var cluster = clusters.FirstOrDefault(candidate => candidate.Name == name) ?? throw new CliException(
            ErrorCodes.ClusterUnknown,
            ExitCode.Failure,
            $"There is no cluster named {name}.",
            [clusters.Count == 0 ? "There is none at all yet." : $"There are {string.Join(", ", clusters.Select(candidate => candidate.Name).Order(StringComparer.Ordinal))}."]);
        return ServerOf(cluster) ?? throw new CliException(
            ErrorCodes.ClusterWithoutTka,
            ExitCode.Failure,
            cluster.TkaEndpoint.Length == 0
                ? $"The cluster {name} is registered without a TKA server to sign in at."
                : $"The cluster {name} names {cluster.TkaEndpoint} as its TKA server, which is no https address.",
            ["Name the server with --server, or ask whoever runs the cluster to register its tka_endpoint."]);
    }

    /// <summary>Where to sign in at a cluster; null: nowhere. What others say of a cluster may lead to https only, or to this machine.</summary>
    public static Uri? ServerOf(Cluster cluster) =>
        Uri.TryCreate(cluster.TkaEndpoint, UriKind.Absolute, out var server)
        && server.UserInfo.Length == 0
        && (server.Scheme == Uri.UriSchemeHttps || (server.Scheme == Uri.UriSchemeHttp && server.IsLoopback))
            ? new Uri(server.GetLeftPart(UriPartial.Authority))
            : null;
}

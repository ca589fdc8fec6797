using TKA.Cli.Commands;
using TKA.Cli.Errors;
using TKA.Cli.Terminal;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;

namespace TKA.Cli.Doctor;

/// <summary>Whether the orchestrator answers, and whether it lists the server's cluster under the name that it has.</summary>
internal static class OrchestratorCheck
{
    private const string Name = "Orchestrator";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Runs it.</summary>
    /// <param name="context">The command.</param>
    /// <param name="server">The server to sign in at; null: none is configured.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Finding> RunAsync(CommandContext context, Uri? server, CancellationToken cancellationToken)
    {
        try
        {
            using var orchestrator = context.CreateOrchestratorClient();
            var clusters = await orchestrator.ListAsync(null, cancellationToken, Limit);
            return (server is null ? null : await ListingAsync(context, server, clusters.Items, cancellationToken))
                ?? new(Name, Verdict.Ok, $"It knows {clusters.Items.Count} cluster{(clusters.Items.Count == 1 ? "" : "s")}.");
        }
        catch (CliException exception) when (exception.Code == ErrorCodes.OrchestratorUnset)
        {
            return new(Name, Verdict.Skipped, "None is configured; clusters are found by the tag of their nodes.");
        }
        catch (CliException exception)
        {
            return Finding.From(Name, exception) with { Verdict = Verdict.Warning };
        }
    }

    /// <summary>What is wrong with the listing of the server's own cluster; null: nothing, or it does not say which cluster it serves.</summary>
    private static async Task<Finding?> ListingAsync(CommandContext context, Uri server, IReadOnlyList<Cluster> listed, CancellationToken cancellationToken)
    {
        ClusterInfo info;
        try
        {
            using var client = context.CreateClient(server);
            info = await client.GetClusterInfoAsync(cancellationToken);
        }
        catch (CliException)
        {
            // The checks of the server say why.
            return null;
        }

        return info.Name is not { Length: > 0 } name ? null : listed.FirstOrDefault(cluster => cluster.Name == name) switch
        {
            null => new(
                Name, Verdict.Warning, $"It does not list {SafeText.Clean(name)}, the cluster of this server.", "Ask whoever runs the cluster what registration in /readyz?verbose of its API says."),
            { ApiEndpoint: var other } when other != info.ServerUrl => new(
                Name, Verdict.Warning, $"Another cluster holds the name {SafeText.Clean(name)}: {SafeText.Clean(other)}.", "Whoever runs this cluster gives it another name (cluster.name of the chart)."),
            { Conflict: { } conflict } => new(Name, Verdict.Warning, SafeText.Clean(conflict), "Whoever runs the other cluster gives it another name (cluster.name of the chart)."),
            _ => null,
        };
    }
}

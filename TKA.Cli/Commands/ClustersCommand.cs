using System.CommandLine;
using TKA.Cli.Output;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary><c>tka clusters</c>: the clusters the orchestrator knows.</summary>
internal sealed class ClustersCommand : CliCommand
{
    // -l is kubectl's letter for a selector; --long has no letter here.
    private readonly Option<string> _selector = new("--selector", "-l") { Description = "Label selector, as in kubectl: env=production,region!=eu", HelpName = "selector" };

    public ClustersCommand()
        : base("clusters", "List the clusters you can sign in at.") => Options.Add(_selector);

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var orchestrator = context.CreateOrchestratorClient();
        var clusters = await context.Console.WithProgressAsync(
            "Asking the orchestrator",
            () => orchestrator.ListAsync(context.Parse.GetValue(_selector), cancellationToken));
        switch (context.Console.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                context.Console.WriteValue(clusters, CliJsonContext.Indented.ClusterList);
                break;
            case OutputFormat.Name:
                CliConsole.WriteRaw(string.Concat(clusters.Items.Select(cluster => cluster.Name + "\n")));
                break;
            default:
                if (clusters.Items.Count == 0)
                {
                    context.Console.Info("No clusters found.");
                    break;
                }

                var wide = context.Long;
                context.Console.Table(
                    wide
                        ? ["Name", "Status", new("Description", 2), new("Labels", 3), new("Version", 4), new("TKA endpoint", 1), new("API endpoint", 5), new("Source", 6), new("Last seen", 4)]
                        : ["Name", "Status", new("Description", 2), new("Labels", 3), new("TKA endpoint", 1)],
                    [.. clusters.Items.Select(cluster =>
                    {
                        var labels = string.Join(",", cluster.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));
                        return wide
                            ? new[]
                            {
                                cluster.Name, cluster.Status ?? "", cluster.Description, labels, cluster.Version, cluster.TkaEndpoint, cluster.ApiEndpoint, cluster.Source ?? "",
                                cluster.LastSeen is { } seen ? RemainingTime.Relative(seen - context.Clock.GetUtcNow()) : "",
                            }
                            : [cluster.Name, cluster.Status ?? "", cluster.Description, labels, cluster.TkaEndpoint];
                    })]);
                break;
        }

        return ExitCode.Success;
    }
}

using System.CommandLine;
using TKA.Cli.Clusters;
using TKA.Cli.Output;
using TKA.Cli.Terminal;
using TKA.Contracts.Selectors;

namespace TKA.Cli.Commands;

/// <summary><c>tka clusters</c>: the clusters there are, and a person's role at each.</summary>
internal sealed class ClustersCommand : CliCommand
{
    private readonly Option<string> _selector = SelectorOption();
    private readonly Option<bool> _watch = new("--watch", "-w") { Description = "Print changes as they come, until interrupted." };

    public ClustersCommand()
        : base("clusters", "List the clusters you can sign in at.")
    {
        Options.Add(_selector);
        Options.Add(_watch);
    }

    public override string Details =>
        "Asks the orchestrator, or without one the nodes of your tailnet that are tagged `tag:tka`. Each cluster's own API then says, all at once and within 2 s, which role a login there would give; one that does not answer is marked unreachable. Programs get the orchestrator's list, each cluster with `role`, `reachable` and `problem` besides.";

    public override IReadOnlyList<(string Comment, string Line)> Examples =>
    [
        ("Where may I sign in?", "tka clusters"),
        ("Addresses and versions of production in Europe", "tka clusters -l env=production,region=eu -o wide"),
        ("Sign in at all development clusters", "tka login --all -l env=dev"),
    ];

    /// <summary>The flag of a label selector. -l is kubectl's letter for it, so --long has no letter beside it.</summary>
    public static Option<string> SelectorOption()
    {
        var option = new Option<string>("--selector", "-l") { Description = "Label selector, as in kubectl: env=production,region!=eu", HelpName = "selector" };
        option.Validators.Add(result =>
        {
            try
            {
                LabelSelector.Parse(result.Tokens is [var given, ..] ? given.Value : "");
            }
            catch (FormatException exception)
            {
                result.AddError($"That is no label selector: {exception.Message}. Write it as for kubectl: env=production,region!=eu");
            }
        });
        return option;
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var selector = context.Parse.GetValue(_selector);
        if (context.Parse.GetValue(_watch))
        {
            await ClusterFeed.FollowAsync(context, selector, cancellationToken);
            return ExitCode.Success;
        }

        var (list, access) = await context.Console.WithProgressAsync("Asking for clusters", async () =>
        {
            var list = await ClusterDirectory.ListAsync(context, selector, cancellationToken);
            return (list, context.Console.Format == OutputFormat.Name ? [] : await ClusterAccess.AskAsync(context, list.Items, cancellationToken));
        });
        if (list.Degraded)
        {
            context.Console.Warning("the orchestrator has lost its state store: the list is what one replica remembers.");
        }

        switch (context.Console.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                ClusterTable.Write(context, list, access);
                break;
            case OutputFormat.Name:
                CliConsole.WriteRaw(string.Concat(list.Items.Select(cluster => cluster.Name + "\n")));
                break;
            default:
                if (list.Items.Count == 0)
                {
                    context.Console.Info("No clusters found.");
                    break;
                }

                ClusterTable.Print(context, access);
                break;
        }

        return ExitCode.Success;
    }
}

using System.CommandLine;
using TKA.Cli.Output;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary><c>tka cluster-info</c>: how to reach the cluster.</summary>
internal sealed class ClusterInfoCommand : CliCommand
{
    private readonly Option<string> _cluster = SessionOptions.ClusterOption();

    public ClusterInfoCommand()
        : base("cluster-info", "Show how the cluster is reached.") => Options.Add(_cluster);

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var client = context.CreateClient(await context.ResolveServerAsync(context.Parse.GetValue(_cluster), cancellationToken));
        var info = await context.Console.WithProgressAsync("Asking the server", () => client.GetClusterInfoAsync(cancellationToken));
        switch (context.Console.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                context.Console.WriteValue(info, CliJsonContext.Indented.ClusterInfo);
                break;
            case OutputFormat.Name:
                CliConsole.WriteLine(info.ServerUrl);
                break;
            default:
                context.Console.Summary("Cluster", [
                    ("Kubernetes API", info.ServerUrl),
                    ("Certificate", info.InsecureSkipTlsVerify ? "not verified" : info.CaData is "" ? "the system's authorities" : "the cluster's own authority"),
                    ("Labels", string.Join(", ", info.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"))),
                    ("Authority", context.Long ? info.CaData : null),
                ]);
                break;
        }

        return ExitCode.Success;
    }
}

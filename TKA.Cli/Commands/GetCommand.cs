using System.CommandLine;

namespace TKA.Cli.Commands;

/// <summary><c>tka get ...</c>: the Go TKA's names for the commands that show something.</summary>
internal sealed class GetCommand : Command
{
    public GetCommand()
        : base("get", "Show something: other names for status, kubeconfig, access, clusters and so on.")
    {
        Subcommands.Add(new StatusCommand("login", "signin"));
        Subcommands.Add(new KubeconfigCommand());
        Subcommands.Add(new AccessCommand());
        Subcommands.Add(new ClustersCommand());
    }
}

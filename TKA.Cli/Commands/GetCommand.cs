using System.CommandLine;

namespace TKA.Cli.Commands;

/// <summary><c>tka get ...</c>: the Go TKA's names for the commands that show something.</summary>
internal sealed class GetCommand : Command
{
    public GetCommand()
        : base("get", "Show something: other names for status, kubeconfig, access, clusters, sessions, cluster-info and config.")
    {
        Subcommands.Add(new StatusCommand("login", "signin"));
        Subcommands.Add(new KubeconfigCommand());
        Subcommands.Add(new AccessCommand());
        Subcommands.Add(new ClustersCommand());
        Subcommands.Add(new SessionsCommand());
        Subcommands.Add(new ClusterInfoCommand());
        Subcommands.Add(new ConfigCommand(writes: false));
    }
}

/// <summary><c>tka set ...</c>: the Go TKA's name for changing the configuration.</summary>
internal sealed class SetCommand : Command
{
    public SetCommand()
        : base("set", "Change something: another name for config.") => Subcommands.Add(new ConfigCommand(reads: false));
}

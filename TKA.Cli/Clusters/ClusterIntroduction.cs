using TKA.Cli.Commands;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Output;
using TKA.Cli.Terminal;

namespace TKA.Cli.Clusters;

/// <summary>Says which cluster a person gets into: names and addresses come from other machines, and the person is the one to judge them.</summary>
internal static class ClusterIntroduction
{
    /// <summary>Warns when a cluster that was asked for by name calls itself otherwise. Names on this machine stay those that were asked for.</summary>
    /// <param name="context">The run.</param>
    /// <param name="asked">Name that was asked for; null: a server was named.</param>
    /// <param name="server">The TKA server.</param>
    /// <param name="kubeconfig">What it answered.</param>
    public static void WarnOfOtherName(CommandContext context, string? asked, Uri server, ServerKubeconfig kubeconfig)
    {
        if (asked is not null && asked != kubeconfig.Cluster)
        {
            context.Console.Warning($"{SafeText.Clean(server.Authority)} calls its cluster {SafeText.Clean(kubeconfig.Cluster)}, not {asked}; what is written here is named after {asked}.");
        }
    }

    /// <summary>Shows people what a cluster is, before anything on this machine knows it.</summary>
    public static void Show(CommandContext context, Uri server, ServerKubeconfig kubeconfig)
    {
        if (context.Console.Format == OutputFormat.Table)
        {
            context.Console.Info($"New here: the cluster {SafeText.Clean(kubeconfig.Cluster)} of {SafeText.Clean(server.Authority)}, Kubernetes at {SafeText.Clean(kubeconfig.Server)}.");
        }
    }
}


namespace TKA.DevEnvironment.Stack;

/// <summary>A cluster that is not ours is changed only when its owner says so.</summary>
internal static class HostClusterConsent
{
    /// <summary>Asks on the terminal.</summary>
    /// <exception cref="StackException">No, or nobody to ask.</exception>
    public static async Task AskAsync(CancellationToken cancellationToken)
    {
        var (context, server) = await KubeconfigCluster.DescribeAsync(cancellationToken);
        const string What = "installs TKA's CRD, namespaces, RBAC and admission policies in";
        if (Console.IsInputRedirected)
        {
            throw new StackException($"--cluster kubeconfig {What} context {context} ({server}). Say yes with --yes.");
        }

        Console.Write($"This {What} context {context} ({server}). Go on? [y/N] ");
        var answer = await Console.In.ReadLineAsync(cancellationToken);
        if (answer?.Trim() is not ("y" or "Y" or "yes"))
        {
            throw new StackException("Nothing was changed.");
        }
    }
}

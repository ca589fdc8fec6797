using System.Text;
using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Stack;

/// <summary>The current context of the user's kubeconfig.</summary>
/// <param name="Name">Name of the context.</param>
/// <param name="Server">The Kubernetes API.</param>
/// <param name="CaPem">Its CA, PEM; empty when the system's roots vouch for it.</param>
/// <param name="Kubeconfig">A kubeconfig with this context alone, credentials included.</param>
internal sealed record HostContext(string Name, Uri Server, string CaPem, string Kubeconfig)
{
    /// <summary>Reads the current context.</summary>
    /// <exception cref="StackException">There is none, or no kubectl.</exception>
    public static async Task<HostContext> ReadAsync(Kubectl kubectl, CancellationToken cancellationToken)
    {
        var text = await kubectl.RunAsync(["config", "view", "--minify", "--raw", "--flatten", "-o", "json"], null, cancellationToken);
        var config = JsonNode.Parse(text)!;
        if (config["clusters"]?[0]?["cluster"] is not { } cluster || cluster["server"]?.GetValue<string>() is not { } server)
        {
            throw new StackException("KUBECONFIG has no current context with a cluster. Choose one with kubectl config use-context.");
        }

        var ca = cluster["certificate-authority-data"]?.GetValue<string>() is { } data ? Encoding.UTF8.GetString(Convert.FromBase64String(data)) : "";
        return new HostContext(config["current-context"]?.GetValue<string>() ?? "", new Uri(server), ca, text);
    }

    /// <summary>Asks on the terminal whether TKA may be installed there: a cluster that is not ours is changed only when its owner says so.</summary>
    /// <exception cref="StackException">The answer is no, or there is no terminal to ask on.</exception>
    public static async Task AskAsync(CancellationToken cancellationToken)
    {
        var context = await ReadAsync(new Kubectl(), cancellationToken);
        const string What = "installs TKA's CRD, namespaces, RBAC and admission policies in";
        if (Console.IsInputRedirected)
        {
            throw new StackException($"--cluster kubeconfig {What} context {context.Name} ({context.Server}). Say yes with --yes.");
        }

        Console.Write($"This {What} context {context.Name} ({context.Server}). Go on? [y/N] ");
        var answer = await Console.In.ReadLineAsync(cancellationToken);
        if (answer?.Trim() is not ("y" or "Y" or "yes"))
        {
            throw new StackException("Nothing was changed.");
        }
    }
}

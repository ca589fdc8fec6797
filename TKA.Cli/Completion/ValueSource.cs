using System.CommandLine;
using TKA.Cli.Commands;
using TKA.Cli.Configuration;
using TKA.Cli.Errors;
using TKA.Cli.Sessions;
using TKA.Cli.Terminal;

namespace TKA.Cli.Completion;

/// <summary>Fixed values, and those the server or the orchestrator knows.</summary>
/// <param name="root">The command tree, to read the flags typed so far.</param>
/// <param name="clock">Clock.</param>
internal sealed class ValueSource(RootCommand root, TimeProvider clock) : IValueSource
{
    // Somebody waits with a finger on the Tab key.
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(1500);

    /// <summary>Time for the clusters; what is left of <see cref="Limit"/> is for tailscaled.</summary>
    private static readonly TimeSpan ClustersLimit = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public bool IsFile(string name) => name is "--config" or "--kubeconfig" or "--machine-config" or "path" or "directory";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<(string Value, string Description)>> GetAsync(IReadOnlyList<Command> commands, string name, IReadOnlyList<string> words)
    {
        switch (name)
        {
            case "--output":
                return Plain("table", "wide", "json", "yaml", "name");
            case "--theme":
                return Plain([.. Theme.Names]);
            case "--shell" when commands[^1] is ShellCommand:
                return Plain("bash", "zsh", "fish", "sh", "pwsh");
            case "shell" or "--eval":
                return Plain("bash", "zsh", "fish", "powershell");
            case "key":
                return [.. ConfigKey.All.Select(key => (key.Name, key.Description))];
            case "value":
                return Plain(ConfigValues(words));
            case "--cluster" or "cluster":
                return await AskAsync(words, ClustersAsync);
            case "--role" when commands[^1] is LogoutCommand or KubeconfigCommand:
            case "role":
                return await AskAsync(words, OwnSessionsAsync);
            case "--role":
                return await AskAsync(words, RolesAsync);
            case "--exec-api-version":
                return Plain("v1", "v1beta1");
            case "name":
                return await AskAsync(words, SessionsAsync);
            default:
                return [];
        }
    }

    private static (string, string)[] Plain(params string[] values) => [.. values.Select(value => (value, ""))];

    private static string[] ConfigValues(IReadOnlyList<string> words) => words.Select(ConfigKey.Find).FirstOrDefault(key => key is not null) switch
    {
        { Name: "output.theme" } => [.. Theme.Names],
        { Name: "output.format" } => ["table", "wide", "json", "yaml", "name"],
        { Default: "true" or "false" } => ["true", "false"],
        _ => [],
    };

    private async Task<IReadOnlyList<(string, string)>> AskAsync(
        IReadOnlyList<string> words,
        Func<CommandContext, CancellationToken, Task<IReadOnlyList<(string, string)>>> ask)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        try
        {
            var context = CommandContext.Create(root.Parse([.. words.SkipLast(1)]), clock);
            return await ask(context, limit.Token);
        }
        catch (Exception exception) when (exception is CliException or OperationCanceledException)
        {
            return [];
        }
    }

    private static async Task<IReadOnlyList<(string, string)>> ClustersAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var known = SessionStore.Load().Where(record => !record.IsShell).Select(record => (record.Cluster, "signed in")).ToList();
        List<(string, string)> listed = [];
        try
        {
            var clusters = await Clusters.ClusterDirectory.ListAsync(context, null, cancellationToken, ClustersLimit);
            listed.AddRange(clusters.Items.Select(cluster => (cluster.Name, cluster.Description)));
        }
        catch (Exception exception) when (exception is CliException or OperationCanceledException)
        {
            // The names of the last time are offered.
        }

        var last = Clusters.KnownClusters.Recall(context.Configuration).Select(name => (name, ""));
        return [.. listed.Concat(last).Concat(known).DistinctBy(cluster => cluster.Item1)];
    }

    private static async Task<IReadOnlyList<(string, string)>> RolesAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var client = context.CreateClient(ServerAddress.ForApi(context.Configuration, context.NamedServer));
        var access = await client.GetAccessAsync(cancellationToken);
        return [.. access.Rules.Select(rule => (rule.Role, rule.Why)).DistinctBy(rule => rule.Role)];
    }

    private static async Task<IReadOnlyList<(string, string)>> OwnSessionsAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var client = context.CreateClient(ServerAddress.ForApi(context.Configuration, context.NamedServer));
        var sessions = await client.GetOwnSessionsAsync(cancellationToken);
        return [.. sessions.Select(session => (session.Role, RemainingTime.Describe(session.Until, context.Clock)))];
    }

    private static async Task<IReadOnlyList<(string, string)>> SessionsAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var client = context.CreateClient(ServerAddress.ForApi(context.Configuration, context.NamedServer));
        var sessions = await client.GetSessionsAsync(null, null, cancellationToken);
        return [.. sessions.Items.Select(session => (session.Name, session.Username))];
    }
}

using TKA.Cli.Clusters;
using TKA.Cli.Configuration;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Sessions;
using TKA.Cli.Shells;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary><c>tka login --all</c>: signs in at each cluster that grants a role, and says at the end what came of each.</summary>
internal static class SeveralLogins
{
    /// <summary>Signs in at all of them.</summary>
    /// <param name="context">The run.</param>
    /// <param name="selector">Label selector; null: all clusters.</param>
    /// <param name="signIn">Signs in at one, by its server and name.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    /// <returns>The exit code of the first cluster where signing in failed. A cluster that grants the person no role is not a failure.</returns>
    public static async Task<int> RunAsync(
        CommandContext context, string? selector, Func<Uri, string?, Task<(SessionRecord Record, bool IsShells)>> signIn, CancellationToken cancellationToken)
    {
        var clusters = await context.Console.WithProgressAsync("Asking for clusters", async () =>
            await ClusterAccess.AskAsync(context, (await ClusterDirectory.ListAsync(context, selector, cancellationToken)).Items, cancellationToken));
        if (clusters.Count == 0)
        {
            throw new CliException(ErrorCodes.ClusterUnknown, ExitCode.Failure, selector is null ? "There are no clusters." : $"No cluster matches {selector}.", ["tka clusters lists those there are."]);
        }

        var records = new List<SessionRecord>();
        var results = new List<string[]>();
        var exitCode = ExitCode.Success;
        foreach (var cluster in clusters)
        {
            var (result, code) = cluster.Role is null ? Missing(cluster) : await TryAsync(cluster);
            results.Add([cluster.Cluster.Name, .. result]);
            exitCode = exitCode == ExitCode.Success ? code : exitCode;
        }

        Print(context, records, results);
        return records.Count == 0 && exitCode == ExitCode.Success ? ExitCode.Refused : exitCode;

        async Task<(string[] Result, int Code)> TryAsync(ClusterAccess cluster)
        {
            try
            {
                var (record, _) = await signIn(ClusterDirectory.ServerOf(cluster.Cluster)!, cluster.Cluster.Name);
                records.Add(record);
                return ([record.Role, RemainingTime.Describe(record.Until, context.Clock), record.Context ?? "", "signed in"], ExitCode.Success);
            }
            catch (CliException exception)
            {
                return (["", "", "", exception.Message], exception.ExitCode);
            }
        }
    }

    private static (string[] Result, int Code) Missing(ClusterAccess cluster) => cluster.IsReachable == true
        ? (["", "", "", "no role granted"], ExitCode.Success)
        : (["", "", "", cluster.Problem ?? "unreachable"], cluster.IsReachable is null ? ExitCode.Success : ExitCode.Unreachable);

    private static void Print(CommandContext context, List<SessionRecord> records, List<string[]> results)
    {
        switch (context.Console.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                context.Console.WriteValue(new SessionOutputList { Items = [.. records.Select(SessionReport.Output)] }, CliJsonContext.Indented.SessionOutputList);
                return;
            case OutputFormat.Name:
                records.ForEach(record => CliConsole.WriteLine(record.Context!));
                return;
        }

        var shell = context.Parse.GetValue(GlobalOptions.Eval);
        var files = records.Select(record => record.Merged is null ? record.Kubeconfig : null).OfType<string>().ToList();
        if (files.Count > 0 && (shell is not null || context.Console.Quiet) && !context.Configuration.Is(ConfigKey.NoEval))
        {
            CliConsole.WriteLine(ShellSyntax.Export(shell ?? ShellSyntax.Default, "KUBECONFIG", string.Join(Path.PathSeparator, files)));
        }

        if (context.Console.Quiet || shell is not null)
        {
            return;
        }

        context.Console.Table(["Cluster", new("Role"), new("Ends", 1), new("Context"), new("Result")], results);
        if (files.Count > 0)
        {
            context.Console.NextStep($"Use them:  {ShellSyntax.Export(ShellSyntax.Default, "KUBECONFIG", string.Join(Path.PathSeparator, files))}");
        }

        if (records.Count > 0)
        {
            context.Console.NextStep($"           kubectl --context {ShellSyntax.Word(records[0].Context!)} get pods");
        }
    }
}

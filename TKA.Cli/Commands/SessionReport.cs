using TKA.Cli.Configuration;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Output;
using TKA.Cli.Sessions;
using TKA.Cli.Shells;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary>Tells what a session is and how to use it, in every output format.</summary>
internal static class SessionReport
{
    /// <summary>Prints it.</summary>
    public static void Print(CommandContext context, SessionRecord record, string title)
    {
        var console = context.Console;
        switch (console.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                console.WriteValue(Output(record), CliJsonContext.Indented.SessionOutput);
                return;
            case OutputFormat.Name:
                CliConsole.WriteLine(record.Kubeconfig ?? record.Merged!.Name);
                return;
        }

        var shell = context.Parse.GetValue(GlobalOptions.Eval);
        var eval = record is { Kubeconfig: not null, IsShell: false } && !context.Configuration.Is(ConfigKey.NoEval);
        console.SummariesToError |= shell is not null;
        var merged = IsMerge(context, record);
        var evaluated = shell is not null || console.Quiet;
        if (merged && evaluated && UnsetsVariable(record))
        {
            CliConsole.WriteLine(ShellSyntax.Unset(shell ?? ShellSyntax.Default, "KUBECONFIG"));
        }
        else if (!merged && evaluated && eval)
        {
            // Quiet alone prints what the Go TKA prints, so that eval "$(tka login --quiet)" works with both.
            CliConsole.WriteLine(ShellSyntax.Export(shell ?? ShellSyntax.Default, "KUBECONFIG", record.Kubeconfig!));
        }
        else if (!merged && console.Quiet && !record.IsShell)
        {
            CliConsole.WriteLine(record.Kubeconfig ?? "");
        }

        if (console.Quiet)
        {
            return;
        }

        console.Summary(title, Lines(context, record));
        if (record.Merged?.Change is { } change)
        {
            console.Info(change.ToString());
        }

        foreach (var line in NextSteps(context, record, merged, done: eval && shell is not null))
        {
            console.NextStep(line);
        }
    }

    /// <summary>Lines to type next, which work in a terminal as it is now.</summary>
    private static IEnumerable<string> NextSteps(CommandContext context, SessionRecord record, bool merged, bool done)
    {
        if (record.IsShell || (done && !merged))
        {
            yield break;
        }

        if (!merged)
        {
            yield return $"Use it:  {ShellSyntax.Export(ShellSyntax.Default, "KUBECONFIG", ShellSyntax.PathWord(record.Kubeconfig!), quote: false)}";
            yield return "         kubectl get pods";
            yield break;
        }

        var entries = record.Merged!;
        var unsets = UnsetsVariable(record);
        var file = SessionInUse.Paths().Contains(entries.Path) || (unsets && entries.Path == KubeconfigPath.ForUser(null)) ? "" : $" --kubeconfig {ShellSyntax.PathWord(entries.Path)}";
        var unset = unsets && file is "" && context.Parse.GetValue(GlobalOptions.Eval) is null ? ShellSyntax.Unset(ShellSyntax.Default, "KUBECONFIG") + "; " : "";
        yield return $"Use it:  {unset}kubectl{file}{(entries.Used ? "" : $" --context {ShellSyntax.Word(record.Context ?? entries.Name)}")} get pods";
    }

    private static bool IsMerge(CommandContext context, SessionRecord record) =>
        record.Merged is not null && (record.Kubeconfig is null || context.Parse.CommandResult.GetResult("--merge") is System.CommandLine.Parsing.OptionResult { Implicit: false });

    // KUBECONFIG of this terminal names a file of tka's own, so kubectl here does not see the user's kubeconfig.
    private static bool UnsetsVariable(SessionRecord record) =>
        record.Merged is { } merged && !SessionInUse.Paths().Contains(merged.Path) && SessionInUse.Paths().All(path => path.StartsWith(TkaPaths.State + Path.DirectorySeparatorChar, StringComparison.Ordinal));

    private static IEnumerable<(string Label, string? Value)> Lines(CommandContext context, SessionRecord record) =>
    [
        ("User", record.Username),
        ("Role", record.Role),
        ("Scope", record.Namespaces.Count == 0 ? "whole cluster" : string.Join(", ", record.Namespaces)),
        ("Cluster", record.Cluster),
        ("Until", RemainingTime.Describe(record.Until, context.Clock)),
        ("Kubeconfig", (record.Kubeconfig ?? record.Merged?.Path) is { } path ? TkaPaths.ForPeople(path) : null),
        ("Context", context.Long || record.Kubeconfig is null ? record.Context : null),
        ("Server", context.Long ? record.Server : null),
    ];

    /// <summary>The session for programs.</summary>
    public static SessionOutput Output(SessionRecord record) => new()
    {
        Username = record.Username,
        Role = record.Role,
        Until = record.Until,
        Namespaces = record.Namespaces,
        Cluster = record.Cluster,
        Kubeconfig = record.Kubeconfig ?? record.Merged?.Path,
        Context = record.Context,
        Server = record.Server,
        IsBase = !record.IsBeside,
    };
}

using TKA.Cli.Configuration;
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
        var file = record.Kubeconfig ?? record.Merged?.Path;
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
        var eval = record.Kubeconfig is not null && !context.Configuration.Is(ConfigKey.NoEval);
        if (shell is not null)
        {
            console.SummariesToError = true;
        }

        if (eval && (shell is not null || console.Quiet))
        {
            // Quiet alone prints what the Go TKA prints, so that eval "$(tka login --quiet)" works with both.
            CliConsole.WriteLine(ShellSyntax.Export(shell ?? ShellSyntax.Default, "KUBECONFIG", record.Kubeconfig!));
        }
        else if (console.Quiet && file is not null)
        {
            CliConsole.WriteLine(file);
        }

        if (console.Quiet)
        {
            return;
        }

        console.Summary(title, Lines(context, record));
        if (record.Merged is not null && record.Kubeconfig is null)
        {
            console.NextStep(record.Merged.Used ? "Use it:  kubectl get pods" : $"Use it:  kubectl --context {record.Merged.Name} get pods");
        }
        else if (!eval || shell is null)
        {
            console.NextStep($"Use it:  {ShellSyntax.Export(ShellSyntax.Default, "KUBECONFIG", TkaPaths.ForPeople(record.Kubeconfig!), quote: false)}");
            console.NextStep("         kubectl get pods");
        }
    }

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

    private static SessionOutput Output(SessionRecord record) => new()
    {
        Username = record.Username,
        Role = record.Role,
        Until = record.Until,
        Namespaces = record.Namespaces,
        Cluster = record.Cluster,
        Kubeconfig = record.Kubeconfig ?? record.Merged?.Path,
        Context = record.Context,
        Server = record.Server,
    };
}

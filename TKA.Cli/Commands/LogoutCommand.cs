using System.CommandLine;
using TKA.Cli.Output;
using TKA.Cli.Sessions;
using TKA.Cli.Shells;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary><c>tka logout</c>: revokes the session and removes what login wrote.</summary>
internal sealed class LogoutCommand : CliCommand
{
    private readonly Option<string> _cluster = SessionOptions.ClusterOption();

    public LogoutCommand()
        : base("logout", "End the session and remove what login wrote.", "signout") => Options.Add(_cluster);

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var server = await context.ResolveSessionServerAsync(context.Parse.GetValue(_cluster), cancellation);
        var record = SessionStore.FindLogin(server.ToString(), context.Source?.ToString());
        using var client = context.CreateClient(server);

        // The server first: if it cannot be reached the files stay, so that the next logout still knows what to end.
        var session = await context.Console.WithProgressAsync("Signing out", () => client.LogoutAsync(cancellation));
        var removed = record is null ? [] : Remove(record);

        if (context.Parse.GetValue(GlobalOptions.Eval) is { } shell && record?.Kubeconfig is { } path)
        {
            CliConsole.WriteLine(ShellSyntax.UnsetIf(shell, "KUBECONFIG", path));
            context.Console.SummariesToError = true;
        }

        if (context.Console.Format is OutputFormat.Json or OutputFormat.Yaml)
        {
            context.Console.WriteValue(
                new LogoutOutput { SignedOut = session is not null, Username = session?.Username, Role = session?.Role, Removed = removed, Server = server.ToString() },
                CliJsonContext.Indented.LogoutOutput);
            return ExitCode.Success;
        }

        context.Console.Success(session is null ? "You were not signed in." : $"Signed out {session.Username}. Tokens of the session are refused within 15 s.");
        foreach (var file in removed)
        {
            context.Console.Info($"Removed {TkaPaths.ForPeople(file)}");
        }

        return ExitCode.Success;
    }

    /// <summary>Removes what a login wrote and forgets it.</summary>
    /// <returns>What was removed.</returns>
    public static List<string> Remove(SessionRecord record)
    {
        var removed = new List<string>();
        if (record.Kubeconfig is { } path && AtomicFile.TryDelete(path))
        {
            removed.Add(path);
        }

        SessionStore.Delete(record);
        return removed;
    }
}

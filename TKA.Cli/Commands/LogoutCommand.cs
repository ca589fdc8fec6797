using System.CommandLine;
using TKA.Cli.Credentials;
using TKA.Cli.Kubeconfigs;
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
    private readonly Option<bool> _all = new("--all") { Description = "Sign out everywhere you are signed in from this machine." };

    public LogoutCommand()
        : base("logout", "End the session and remove what login wrote.", "signout")
    {
        Options.Add(_cluster);
        Options.Add(_all);
    }

    public override string Details =>
        "Revokes the session at the server, then removes the kubeconfig file or the merged entries, puts the previous current context back and drops cached tokens. When you are not signed in that is no error.";

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        if (!context.Parse.GetValue(_all))
        {
            return await LogoutAsync(context, await context.ResolveSessionServerAsync(context.Parse.GetValue(_cluster), cancellation), cancellation);
        }

        foreach (var login in SessionStore.Load().Where(record => !record.IsShell && record.Source == context.Source?.ToString()))
        {
            await LogoutAsync(context, new Uri(login.Server), cancellation);
        }

        return ExitCode.Success;
    }

    private static async Task<int> LogoutAsync(CommandContext context, Uri server, CancellationToken cancellation)
    {
        var record = SessionStore.FindLogin(server.ToString(), context.Source?.ToString());
        using var client = context.CreateClient(server);

        // The server first: if it cannot be reached the files stay, so that the next logout still knows what to end.
        var session = await context.Console.WithProgressAsync("Signing out", () => client.LogoutAsync(cancellation));
        TokenCache.Drop(server.ToString(), context.Source?.ToString());
        var removed = record is null ? [] : await RemoveAsync(context, record, cancellation);

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

    private static async Task<List<string>> RemoveAsync(CommandContext context, SessionRecord record, CancellationToken cancellation)
    {
        var removed = new List<string>();
        if (record.Kubeconfig is { } path && AtomicFile.TryDelete(path))
        {
            removed.Add(path);
        }

        if (record.Merged is { } merged && await MergedContext.RemoveAsync(merged, context.Clock, cancellation))
        {
            removed.Add($"{merged.Path} (context {merged.Name})");
        }

        SessionStore.Delete(record);
        return removed;
    }
}

using System.CommandLine;
using TKA.Cli.Client;
using TKA.Cli.Credentials;
using TKA.Cli.Errors;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Output;
using TKA.Cli.Sessions;
using TKA.Cli.Shells;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;
using TKA.Contracts.Rest;

namespace TKA.Cli.Commands;

/// <summary><c>tka logout</c>: revokes the session and removes what login wrote.</summary>
internal sealed class LogoutCommand : CliCommand
{
    private readonly Option<string> _cluster = SessionOptions.ClusterOption();
    private readonly Option<bool> _all = new("--all") { Description = "Sign out everywhere you are signed in from this machine." };
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Remove what login wrote even when the server cannot be reached." };

    public LogoutCommand()
        : base("logout", "End the session and remove what login wrote.", "signout")
    {
        Options.Add(_cluster);
        Options.Add(_all);
        Options.Add(_force);
    }

    public override string Details =>
        "Revokes the session at the server, then removes the kubeconfig file or the merged entries, puts the previous current context back and drops cached tokens. When you are not signed in that is no error. When the server cannot be reached everything stays, so that the next logout still knows what to end; with `--force` it goes all the same, and the session ends by itself.";

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (!context.Parse.GetValue(_all))
        {
            return await LogoutAsync(context, await context.ResolveSessionServerAsync(context.Parse.GetValue(_cluster), cancellationToken), cancellationToken);
        }

        var code = ExitCode.Success;
        foreach (var login in SessionStore.Load().Where(record => !record.IsShell && record.Source == context.Source?.ToString()))
        {
            try
            {
                await LogoutAsync(context, new Uri(login.Server), cancellationToken);
            }
            catch (CliException exception)
            {
                // The others are to end all the same.
                context.Console.Report(exception, context.Debug);
                code = code == ExitCode.Success ? exception.ExitCode : code;
            }
        }

        return code;
    }

    private async Task<int> LogoutAsync(CommandContext context, Uri server, CancellationToken cancellationToken)
    {
        var record = SessionStore.FindLogin(server.ToString(), context.Source?.ToString());
        using var client = context.CreateClient(server);

        // The server first: if it cannot be reached the files stay, so that the next logout still knows what to end.
        var (session, reached) = await EndAsync(context, client, record, cancellationToken);
        TokenCache.Drop(server.ToString(), context.Source?.ToString());
        var removed = record is null ? [] : await RemoveAsync(context, record, cancellationToken);

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

        if (reached)
        {
            context.Console.Success(session is null ? $"You were not signed in at {server.Authority}." : $"Signed out {session.Username}. Tokens of the session are refused within 15 s.");
        }

        foreach (var file in removed)
        {
            context.Console.Info($"Removed {TkaPaths.ForPeople(file)}");
        }

        return ExitCode.Success;
    }

    private async Task<(SessionResponse? Session, bool Reached)> EndAsync(CommandContext context, TkaClient client, SessionRecord? record, CancellationToken cancellationToken)
    {
        try
        {
            return (await context.Console.WithProgressAsync("Signing out", () => client.LogoutAsync(cancellationToken)), true);
        }
        catch (CliException exception) when (exception.ExitCode == ExitCode.Unreachable && record is not null)
        {
            if (!context.Parse.GetValue(_force))
            {
                throw exception.WithAdvice("tka logout --force removes what login wrote all the same.");
            }

            var left = record.Until - context.Clock.GetUtcNow();
            context.Console.Warning($"{exception.Message} {(left > TimeSpan.Zero ? $"The session there ends by itself {RemainingTime.Relative(left)}." : "The session there is over.")}");
            return (null, false);
        }
    }

    private static async Task<List<string>> RemoveAsync(CommandContext context, SessionRecord record, CancellationToken cancellationToken)
    {
        var removed = new List<string>();
        if (record.Kubeconfig is { } path && AtomicFile.TryDelete(path))
        {
            removed.Add(path);
        }

        if (record.Merged is { } merged && await MergedContext.RemoveAsync(merged, context.Clock, cancellationToken))
        {
            removed.Add($"{merged.Path} (context {merged.Name})");
        }

        SessionStore.Delete(record);
        return removed;
    }
}

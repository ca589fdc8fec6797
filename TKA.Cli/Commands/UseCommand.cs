using System.CommandLine;
using TKA.Cli.Client;
using TKA.Cli.Errors;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Output;
using TKA.Cli.Sessions;
using TKA.Cli.Shells;
using TKA.Cli.Terminal;
using TKA.Contracts.Rest;

namespace TKA.Cli.Commands;

/// <summary><c>tka use ROLE</c>: lets this shell, or the current context, use another of my sessions.</summary>
internal sealed class UseCommand : CliCommand
{
    private readonly Argument<string> _role = new("role") { Description = "Role of one of your sessions (tka status lists them)." };
    private readonly Option<string> _cluster = SessionOptions.ClusterOption();

    public UseCommand()
        : base("use", "Switch this shell, or the current context, to another of your sessions.")
    {
        Arguments.Add(_role);
        Options.Add(_cluster);
    }

    public override string Details =>
        "In a `tka shell` the shell's kubeconfig and prompt change. Where the current context is one that `tka login --merge` added, that of the other session becomes current. Else a kubeconfig of its own is written, and the shell integration makes KUBECONFIG name it. The session must be there: `tka login --role ROLE` begins one.";

    public override IReadOnlyList<(string Comment, string Line)> Examples =>
    [
        ("Sign in with more rights, use them, and go back", "tka login --role tka-edit && tka use tka-edit && tka use view"),
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var role = context.Parse.GetRequiredValue(_role);
        var shell = ShellRenewal.Here();
        var server = shell is not null ? new Uri(shell.Server) : await context.ResolveSessionServerAsync(context.Parse.GetValue(_cluster), cancellationToken);
        using var client = context.CreateClient(server);
        var session = await context.Console.WithProgressAsync("Asking the server", () => client.GetLoginAsync(role, cancellationToken))
            ?? throw StatusCommand.NotSignedIn(server, role);
        if (shell is not null)
        {
            await UseInShellAsync(context, client, session, shell, cancellationToken);
            return ExitCode.Success;
        }

        var login = SessionStore.FindLogin(server.ToString(), context.Source?.ToString(), SignIn.RoleKey(session), session.Username);
        var current = SessionInUse.Find();
        var usesFile = current is not null && SessionStore.Load().Exists(record => record.Kubeconfig == current.Kubeconfig);
        if (login is { Merged: not null } && !usesFile)
        {
            await UseContextAsync(context, login, cancellationToken);
            return ExitCode.Success;
        }

        var kubeconfig = await context.Console.WithProgressAsync("Fetching the kubeconfig", () => client.GetKubeconfigAsync(SignIn.RoleKey(session), cancellationToken));
        var record = LoginRecord.SaveFile(LoginRecord.Of(context, client, session, login?.Cluster), SignIn.InNamespace(kubeconfig, session, null));
        SessionReport.Print(context, record, $"Using the session with role {role}");
        return ExitCode.Success;
    }

    private static async Task UseInShellAsync(CommandContext context, TkaClient client, SessionResponse session, SessionRecord shell, CancellationToken cancellationToken)
    {
        var kubeconfig = await context.Console.WithProgressAsync("Fetching the kubeconfig", () => client.GetKubeconfigAsync(SignIn.RoleKey(session), cancellationToken));
        var target = LoginRecord.Of(context, client, session, shell.Cluster) with
        {
            ProcessId = shell.ProcessId,
            ProcessStarted = shell.ProcessStarted,
            Host = shell.Host,
            Kubeconfig = shell.Kubeconfig,
        };
        using (await SessionStore.LockAsync(context.Clock))
        {
            // The record the shell started with names its files, so it takes the session in use. What the shell has used before stays
            // remembered, because the shell may have to end it.
            var used = SessionHold.OfProcess(shell.ProcessId);
            var first = used.Find(record => !record.Id.Contains('+', StringComparison.Ordinal)) ?? shell;
            if (!first.SameSession(target))
            {
                var again = used.Find(record => record.SameSession(target));
                SessionStore.Save(first with { Id = $"{first.Id}+{first.Role}", Kubeconfig = null });
                SessionKubeconfig.Write(SignIn.InNamespace(kubeconfig, session, null), target);
                ShellFiles.Renewed(target with { Id = first.Id, IsBorrowed = again?.IsBorrowed ?? true });
                if (again is not null)
                {
                    SessionStore.Delete(again);
                }
            }
        }

        context.Console.Success($"This shell now uses the session with role {session.Role} on {shell.Cluster}, until {RemainingTime.Describe(session.Until, context.Clock)}.");
    }

    private static async Task UseContextAsync(CommandContext context, SessionRecord login, CancellationToken cancellationToken)
    {
        var used = await CurrentContext.UseAsync(login.Merged!, context.Clock, cancellationToken) ?? throw new CliException(
            ErrorCodes.KubeconfigConflict,
            ExitCode.Unusable,
            $"The context for role {login.Role} is no longer in {login.Merged!.Path}.",
            [$"Add it again: tka login --role {login.Role} --merge"]);
        SessionStore.Save(login with { Merged = used });
        var change = used.Change!;
        if (context.Console.Format is OutputFormat.Name)
        {
            CliConsole.WriteLine(change.To);
        }
        else
        {
            context.Console.Success(change.From == change.To ? $"The current context is {change.To} already." : change.ToString());
        }
    }
}

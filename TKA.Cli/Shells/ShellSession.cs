using System.Diagnostics;
using TKA.Cli.Client;
using TKA.Cli.Commands;
using TKA.Cli.Errors;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Sessions;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;

namespace TKA.Cli.Shells;

/// <summary>A shell or a command with a session, given up afterwards whichever way the child ends.</summary>
internal static class ShellSession
{
    /// <summary>Runs a shell or a command.</summary>
    /// <param name="context">The run.</param>
    /// <param name="options">Flags of the session.</param>
    /// <param name="command">The command and its arguments; empty: the user's shell.</param>
    /// <param name="shellName">Shell to start instead of the user's own.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    /// <param name="cluster">Name of the cluster; null: as <paramref name="options"/> say.</param>
    /// <returns>The child's exit code.</returns>
    public static async Task<int> RunAsync(CommandContext context, SessionOptions options, string[] command, string? shellName, CancellationToken cancellationToken, string? cluster = null)
    {
        if (Environment.GetEnvironmentVariable(ShellFiles.Variable) is { Length: > 0 } outer && command.Length == 0)
        {
            throw new CliException(
                ErrorCodes.NestedShell,
                ExitCode.Usage,
                $"This already is a tka shell, signed in as {(ShellRenewal.Here() is { } here ? $"{here.Username} with role {here.Role} on {here.Cluster}" : outer)}.",
                ["tka use ROLE switches it to another of your sessions; tka access lists the roles.", "Leave it with exit first to start another."]);
        }

        // Before anything is signed in: what cannot start must not leave a session behind.
        var program = command.Length > 0 ? ChildProcess.Find(command[0]) : null;
        var shell = program is null ? UserShell.Find(shellName) : null;
        var request = options.Request(context.Parse);
        SessionKubeconfig.EnsureWritable();

        cluster ??= context.Parse.GetValue(options.Cluster);
        var server = await context.ResolveServerAsync(cluster, cancellationToken);
        using var client = context.CreateClient(server);
        Lazy<Task>? end = null;
        try
        {
            var record = await SessionHold.AcquireAsync(context, client, request, cluster, context.Parse.GetValue(options.Namespace), cancellationToken);

            // Once, by whichever comes first: a signal, or the child's end.
            end = new Lazy<Task>(() => SessionHold.ReleaseAsync(context, client, tell: shell is not null));
            AtomicFile.CreatePrivateDirectory(ShellFiles.DirectoryOf(record.Id));
            if (shell is not null)
            {
                ShellFiles.WriteMark(record);
            }

            var start = program is null ? shell!.Start(ShellFiles.MarkOf(record.Id), record.Cluster, ShellFiles.DirectoryOf(record.Id)) : Command(program, command);
            start.Environment["KUBECONFIG"] = record.Kubeconfig!;
            start.Environment[ShellFiles.Variable] = $"{record.Username} {record.Cluster}";
            if (shell is not null)
            {
                context.Console.Success($"{(record.IsBorrowed ? "Using the session of" : "Signed in as")} {record.Username} with role {record.Role} on {record.Cluster} until {RemainingTime.Describe(record.Until, context.Clock)}.");
                context.Console.NextStep(record.IsBorrowed ? "Type exit to leave; the session goes on." : "Type exit to end the session.");
            }

            using var warnings = EndWarning.Start(context);
            return await ChildProcess.RunAsync(start, interactive: shell is not null, terminating: () => _ = end.Value, context.Clock);
        }
        catch (Exception exception) when (end is null && (client.HasSignedIn || exception is OperationCanceledException))
        {
            // Signed in, or interrupted on the way, but nothing here can use the session.
            await GiveUpAsync(context, client, request.Role);
            throw;
        }
        finally
        {
            if (end is not null)
            {
                await end.Value;
            }

            ShellFiles.Delete(ShellFiles.Id);
        }
    }

    private static ProcessStartInfo Command(string program, string[] command)
    {
        var start = new ProcessStartInfo(program);
        foreach (var argument in command[1..])
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    // The login of this run may have renewed a session that was there before: only one that no login on this machine uses is ended.
    private static async Task GiveUpAsync(CommandContext context, TkaClient client, string? role)
    {
        if (SessionStore.Logins(context.Source?.ToString()).Exists(login => login.Server == client.Server.ToString() && (login.RoleKey ?? role) == role))
        {
            return;
        }

        await SessionHold.ReleaseAsync(context, client, tell: false);
        await client.TryLogoutAsync(role);
    }
}

using System.Diagnostics;
using TKA.Cli.Client;
using TKA.Cli.Commands;
using TKA.Cli.Credentials;
using TKA.Cli.Errors;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Sessions;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;
using TKA.Contracts.Rest;

namespace TKA.Cli.Shells;

/// <summary>A session that lives as long as a child process: signed in before, revoked after, whichever way the child ends.</summary>
internal static class ShellSession
{
    /// <summary>Set in the child: tells a nested <c>tka shell</c> and prompts.</summary>
    public const string Variable = "TKA_SHELL";

    // What is done after a signal must be quick: whoever sent it may send SIGKILL next.
    private static readonly TimeSpan RevokeLimit = TimeSpan.FromSeconds(5);

    // Of this process, also beside those of other machines that share the home directory.
    private static string Id => $"shell-{StableHash.Of(Environment.MachineName)[..6]}-{Environment.ProcessId}";

    /// <summary>Runs a shell or a command with a session of its own.</summary>
    /// <param name="context">The run.</param>
    /// <param name="options">Flags of the session.</param>
    /// <param name="command">The command and its arguments; empty: the user's shell.</param>
    /// <param name="shellName">Shell to start instead of the user's own.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    /// <returns>The child's exit code.</returns>
    public static async Task<int> RunAsync(CommandContext context, SessionOptions options, string[] command, string? shellName, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } outer && command.Length == 0)
        {
            throw new CliException(
                ErrorCodes.NestedShell,
                ExitCode.Usage,
                $"This already is a tka shell, signed in as {outer}.",
                ["Leave it with exit first.", "For one command with another role use: tka exec --role NAME -- COMMAND"]);
        }

        // Before anything is signed in: what cannot start must not leave a session behind.
        var program = command.Length > 0 ? ChildProcess.Find(command[0]) : null;
        var shell = program is null ? UserShell.Find(shellName) : null;
        var request = options.Request(context.Parse);
        SessionKubeconfig.EnsureWritable();

        var server = await context.ResolveServerAsync(context.Parse.GetValue(options.Cluster), cancellationToken);
        using var client = context.CreateClient(server);
        Lazy<Task>? end = null;
        var directory = DirectoryOf(Id);
        try
        {
            var (session, kubeconfig) = await SignIn.RunAsync(context, client, request, context.Parse.GetValue(options.Namespace), cancellationToken);
            var record = Remember(context, server, session, kubeconfig);

            // Once, by whoever comes first: a signal, or the child's end.
            end = new Lazy<Task>(() => EndAsync(context, client, record));
            AtomicFile.CreatePrivateDirectory(directory);

            var mark = $"(tka {Mark(session, kubeconfig)}) ";
            var start = program is null ? shell!.Start(mark, directory) : Command(program, command);
            start.Environment["KUBECONFIG"] = record.Kubeconfig!;
            start.Environment[Variable] = $"{session.Username} {session.Role}@{kubeconfig.Cluster}";
            if (shell is not null)
            {
                context.Console.Success($"Signed in as {session.Username} with role {session.Role} on {kubeconfig.Cluster} until {RemainingTime.Describe(session.Until, context.Clock)}.");
                context.Console.NextStep("Type exit to end the session.");
            }

            return await ChildProcess.RunAsync(start, interactive: shell is not null, terminating: () => _ = end.Value, context.Clock);
        }
        catch (Exception exception) when (end is null && (client.HasSignedIn || exception is OperationCanceledException))
        {
            // Signed in, or interrupted on the way, but nothing here can use the session.
            await RevokeAsync(context, client);
            throw;
        }
        finally
        {
            if (end is not null)
            {
                await end.Value;
            }

            DeleteDirectory(Id);
        }
    }

    /// <summary>Deletes the start-up files of a subshell. They hold no secret, so a failure does not matter.</summary>
    /// <param name="id">Id of the session's record.</param>
    public static void DeleteDirectory(string id)
    {
        try
        {
            if (Directory.Exists(DirectoryOf(id)))
            {
                Directory.Delete(DirectoryOf(id), recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next run with this process id replaces them.
        }
    }

    private static string DirectoryOf(string id) => Path.Combine(TkaPaths.State, "shells", id);

    private static ProcessStartInfo Command(string program, string[] command)
    {
        var start = new ProcessStartInfo(program);
        foreach (var argument in command[1..])
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    private static SessionRecord Remember(CommandContext context, Uri server, SessionResponse session, ServerKubeconfig kubeconfig)
    {
        var record = new SessionRecord
        {
            Id = Id,
            Server = server.ToString(),
            Source = context.Source?.ToString(),
            Username = session.Username,
            Role = session.Role,
            Namespaces = session.Namespaces ?? [],
            Until = session.Until,
            Cluster = kubeconfig.Cluster,
            Context = kubeconfig.Context,
            ProcessId = Environment.ProcessId,
            ProcessStarted = ProcessIdentity.StartOf(Environment.ProcessId),
            Host = Environment.MachineName,
        };

        // The record first: killed in between, the next run knows what to tidy up.
        SessionStore.Save(record);
        record = record with { Kubeconfig = SessionKubeconfig.Write(kubeconfig, Id) };
        SessionStore.Save(record);
        return record;
    }

    private static async Task EndAsync(CommandContext context, TkaClient client, SessionRecord record)
    {
        AtomicFile.TryDelete(record.Kubeconfig!);
        var others = SessionStore.Load().FindAll(other => other.Id != record.Id && other.SameSession(record));

        // One person has one session at a server. The last shell out ends it; but one that had other rights ends it in any case,
        // for otherwise those rights would stay behind in the shell that is left.
        var shared = others.Exists(other => other.IsShell && ProcessIdentity.IsAlive(other) && other.Role == record.Role && other.Namespaces.SequenceEqual(record.Namespaces));
        if (shared)
        {
            SessionStore.Delete(record);
            return;
        }

        if (await RevokeAsync(context, client))
        {
            SessionStore.Delete(record);
            if (others.Exists(other => !other.IsShell && other.Until > context.Clock.GetUtcNow()))
            {
                context.Console.Info("This also ended your tka login at the same server; sign in again with: tka login");
            }
        }
        else
        {
            SessionStore.Save(record with { Kubeconfig = null });
            context.Console.Warning($"the session could not be ended at the server; it ends by itself {RemainingTime.Relative(record.Until - context.Clock.GetUtcNow())}, and the next tka command tries again.");
        }
    }

    private static async Task<bool> RevokeAsync(CommandContext context, TkaClient client)
    {
        using var limit = new CancellationTokenSource(RevokeLimit, context.Clock);
        try
        {
            await client.LogoutAsync(limit.Token);
            return true;
        }
        catch (Exception exception) when (exception is CliException or OperationCanceledException)
        {
            return false;
        }
    }

    // Part of a prompt: nothing in it may mean anything to a shell.
    private static string Mark(SessionResponse session, ServerKubeconfig kubeconfig)
    {
        var text = $"{session.Role}@{kubeconfig.Cluster}";
        return new string([.. text.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '@').Take(60)]);
    }
}

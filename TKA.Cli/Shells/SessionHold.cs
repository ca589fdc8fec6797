using TKA.Cli.Client;
using TKA.Cli.Clusters;
using TKA.Cli.Commands;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Sessions;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;
using TKA.Contracts.Rest;

namespace TKA.Cli.Shells;

/// <summary>A session for the life of a child process: borrowed when it is there already, else begun, and then ended by whoever uses it last.</summary>
internal static class SessionHold
{
    // What is done after a signal must be quick: whoever sent it may send SIGKILL next.
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(5);

    /// <summary>Borrows or begins a session and remembers it.</summary>
    /// <param name="context">The run.</param>
    /// <param name="client">The server.</param>
    /// <param name="request">Requested role and period; no role: the base session.</param>
    /// <param name="cluster">Name of the cluster that was asked for, if any.</param>
    /// <param name="contextNamespace">Namespace of the context.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    public static async Task<SessionRecord> AcquireAsync(
        CommandContext context,
        TkaClient client,
        LoginRequest request,
        string? cluster,
        string? contextNamespace,
        CancellationToken cancellationToken)
    {
        var there = await context.Console.WithProgressAsync($"Asking {client.Server.Authority}", () => client.GetLoginAsync(request.Role, cancellationToken));
        if (there is null or { Status: SessionStatus.Rejected })
        {
            var (session, kubeconfig) = await SignIn.RunAsync(context, client, request, contextNamespace, cancellationToken);
            return Remember(context, client, session, kubeconfig, cluster, borrowed: false);
        }

        if (request.Period is { } period)
        {
            context.Console.Info($"A session with role {there.Role} is there already, so --period {period} has no effect; it ends {RemainingTime.Describe(there.Until, context.Clock)}.");
        }

        var current = await context.Console.WithProgressAsync("Waiting for access", () => client.GetKubeconfigAsync(SignIn.RoleKey(there), cancellationToken));
        return Remember(context, client, there, SignIn.InNamespace(current, there, contextNamespace), cluster, borrowed: true);
    }

    /// <summary>Gives up all that this process holds: deletes its kubeconfig, ends what it began unless others use it, and says which.</summary>
    /// <param name="context">The run.</param>
    /// <param name="client">The server.</param>
    /// <param name="tell">Say what ended and what goes on; faults are told in any case.</param>
    public static async Task ReleaseAsync(CommandContext context, TkaClient client, bool tell)
    {
        using var turn = await SessionStore.LockAsync(context.Clock);
        using var limit = new CancellationTokenSource(ReleaseLimit, context.Clock);
        foreach (var record in Mine())
        {
            AtomicFile.TryDelete(record.Kubeconfig ?? "");
            switch (await SessionEnd.ReleaseAsync(record, client, context.Clock, limit.Token))
            {
                case EndOutcome.Unknown:
                    SessionStore.Save(record with { Kubeconfig = null });
                    context.Console.Warning($"the session with role {record.Role} could not be ended at the server; it ends by itself {RemainingTime.Relative(record.Until - context.Clock.GetUtcNow())}, and the next tka command tries again.");
                    break;
                case EndOutcome.Ended when tell:
                    context.Console.Success($"Ended the session with role {record.Role} on {record.Cluster}.");
                    break;
                case EndOutcome.GoesOn when tell:
                    context.Console.Info($"The session with role {record.Role} on {record.Cluster} goes on until {RemainingTime.Describe(record.Until, context.Clock)}; this shell only used it.");
                    break;
            }
        }
    }

    /// <summary>The records of this process: one for each session it used.</summary>
    public static List<SessionRecord> Mine() => OfProcess(Environment.ProcessId);

    /// <summary>The records of a process of this machine.</summary>
    public static List<SessionRecord> OfProcess(int processId) => SessionStore.Load().FindAll(record => record.IsShell && record.IsHere && record.ProcessId == processId);

    private static SessionRecord Remember(CommandContext context, TkaClient client, SessionResponse session, ServerKubeconfig kubeconfig, string? cluster, bool borrowed)
    {
        ClusterIntroduction.WarnOfOtherName(context, cluster, client.Server, kubeconfig);
        var record = LoginRecord.Of(context, client, session, cluster) with
        {
            Id = ShellFiles.Id,
            ProcessId = Environment.ProcessId,
            ProcessStarted = ProcessIdentity.StartOf(Environment.ProcessId),
            Host = Environment.MachineName,
            IsBorrowed = borrowed,
        };

        // The record first: after a kill in between, the next run knows what to tidy up.
        SessionStore.Save(record);
        record = record with { Kubeconfig = SessionKubeconfig.Write(kubeconfig, record) };
        SessionStore.Save(record);
        return record;
    }
}

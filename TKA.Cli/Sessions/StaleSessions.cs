using System.Net;
using TKA.Cli.Client;
using TKA.Cli.Shells;
using TKA.Cli.Storage;

namespace TKA.Cli.Sessions;

/// <summary>Tidies up after runs that were killed before they could: removes their files and ends their sessions.</summary>
internal static class StaleSessions
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Looks for leftovers. Costs one directory listing when there are none. Never throws for a fault: the next run tries again.</summary>
    public static async Task TidyAsync(TimeProvider clock, bool debug, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var record in SessionStore.Load().FindAll(record => IsLeftOver(record, now)))
        {
            if (record.Kubeconfig is not null)
            {
                AtomicFile.TryDelete(record.Kubeconfig);
            }

            if (!record.IsShell || record.Until <= now)
            {
                ShellFiles.Delete(record.Id);
                SessionStore.Delete(record);
                continue;
            }

            ShellFiles.Delete(record.Id);
            await EndAsync(record, clock, debug, cancellationToken);
        }
    }

    private static bool IsLeftOver(SessionRecord record, DateTimeOffset now) => record switch
    {
        { IsShell: true, IsHere: true } => !ProcessIdentity.IsAlive(record),

        // Whether a process of another machine lives cannot be seen from here.
        { IsShell: true } => record.Until <= now,
        _ => record.Until <= now && record.Merged is null,
    };

    private static async Task EndAsync(SessionRecord record, TimeProvider clock, bool debug, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var source = record.Source is null ? null : IPAddress.Parse(record.Source);
        using var client = new TkaClient(new HttpTransport(new Uri(record.Server), clock, debug, source), clock, Limit);
        using var turn = await SessionStore.LockAsync(clock);
        await SessionEnd.ReleaseAsync(record, client, clock, either.Token);
    }
}

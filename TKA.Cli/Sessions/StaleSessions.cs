using System.Net;
using TKA.Cli.Client;
using TKA.Cli.Errors;
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
        var records = SessionStore.Load();
        foreach (var record in records)
        {
            var over = record.Until <= clock.GetUtcNow();
            if (record switch
            {
                { IsShell: true, IsHere: true } => ProcessIdentity.IsAlive(record),
                { IsShell: true } => !over,
                _ => !over || record.Merged is not null,
            })
            {
                continue;
            }

            if (record.Kubeconfig is not null)
            {
                AtomicFile.TryDelete(record.Kubeconfig);
            }

            ShellSession.DeleteDirectory(record.Id);

            var held = records.Exists(other => other.Id != record.Id && other.SameSession(record) && (!other.IsShell || ProcessIdentity.IsAlive(other)));
            if (over || held || await TryEndAsync(record, clock, debug, cancellationToken))
            {
                SessionStore.Delete(record);
            }
        }
    }

    private static async Task<bool> TryEndAsync(SessionRecord record, TimeProvider clock, bool debug, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var source = record.Source is null ? null : IPAddress.Parse(record.Source);
            using var client = new TkaClient(new HttpTransport(new Uri(record.Server), clock, debug, source), clock, Limit);

            // Only the very session that was left behind: one renewed since, perhaps on another device, ends at another time.
            if (await client.GetLoginAsync(either.Token) is { } session && session.Until == record.Until)
            {
                await client.LogoutAsync(either.Token);
            }

            return true;
        }
        catch (Exception exception) when (exception is CliException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}

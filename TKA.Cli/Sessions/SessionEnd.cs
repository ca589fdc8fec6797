using TKA.Cli.Client;
using TKA.Cli.Errors;

namespace TKA.Cli.Sessions;

/// <summary>How giving up a session came out.</summary>
internal enum EndOutcome
{
    /// <summary>The session is over.</summary>
    Ended,

    /// <summary>It was there before, or others use it: it goes on.</summary>
    GoesOn,

    /// <summary>The server could not be asked; the record stays, so that the next run tries again.</summary>
    Unknown,
}

/// <summary>Ends sessions that subshells and commands began, unless somebody else uses them by now.</summary>
internal static class SessionEnd
{
    // How far two statements about one end may differ: the server rounds to seconds.
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(2);

    /// <summary>Gives up one process's hold on a session. Call it under <see cref="SessionStore.LockAsync"/>.</summary>
    /// <param name="record">The record of the process.</param>
    /// <param name="client">The session's server.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="cancellationToken">Ends the attempt; the outcome is then unknown.</param>
    public static async Task<EndOutcome> ReleaseAsync(SessionRecord record, TkaClient client, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (record.IsBorrowed || PassOn(record, clock))
        {
            SessionStore.Delete(record);
            return EndOutcome.GoesOn;
        }

        try
        {
            var ended = await EndIfUnchangedAsync(record, client, cancellationToken);
            SessionStore.Delete(record);
            return ended ? EndOutcome.Ended : EndOutcome.GoesOn;
        }
        catch (Exception exception) when (exception is CliException or OperationCanceledException)
        {
            return EndOutcome.Unknown;
        }
    }

    // A login that is there now keeps the session. Of shells that use it one becomes responsible for its end.
    private static bool PassOn(SessionRecord record, TimeProvider clock)
    {
        var others = SessionStore.Load().FindAll(other => other.Id != record.Id && other.SameSession(record));
        if (others.Exists(other => !other.IsShell && other.Until > clock.GetUtcNow()))
        {
            return true;
        }

        if (others.Find(other => other.IsShell && ProcessIdentity.IsAlive(other)) is not { } heir)
        {
            return false;
        }

        SessionStore.Save(heir with { IsBorrowed = false });
        return true;
    }

    // Another person on this device, or a renewal on another device, has a session that this process did not begin.
    private static async Task<bool> EndIfUnchangedAsync(SessionRecord record, TkaClient client, CancellationToken cancellationToken)
    {
        if (await client.GetLoginAsync(record.RoleKey, cancellationToken) is not { } session)
        {
            return true;
        }

        if (session.Username != record.Username || session.Until > record.Until + Rounding)
        {
            return false;
        }

        await client.LogoutAsync(record.RoleKey, cancellationToken);
        return true;
    }
}

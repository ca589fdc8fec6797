namespace TKA.DevEnvironment.Stack;

/// <summary>Work that a stack repeats until it stops. A failure is logged and the work is tried again; it never ends the repetition.</summary>
/// <param name="time">Clock of the pauses.</param>
/// <param name="logger">Where failures are reported, once until the work succeeds again.</param>
internal sealed partial class Upkeep(TimeProvider time, ILogger logger)
{
    /// <summary>Pause after a failure.</summary>
    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    /// <summary>Does the work once per interval. Cancellation is the only way to end it.</summary>
    /// <param name="what">The work, for the log: <c>renewal of tokens</c>.</param>
    /// <param name="interval">Pause after a success, and before the first time.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Ends the repetition.</param>
    public async Task RepeatAsync(string what, TimeSpan interval, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var failed = false;
        while (true)
        {
            await Task.Delay(failed ? Retry : interval, time, cancellationToken);
            failed = !await TryAsync(what, work, failed, cancellationToken);
        }
    }

    /// <summary>Follows a watch: opens it again when it ends or fails.</summary>
    /// <param name="what">The watch, for the log.</param>
    /// <param name="watch">Returns when the watch has ended.</param>
    /// <param name="cancellationToken">Ends the repetition.</param>
    public async Task FollowAsync(string what, Func<CancellationToken, Task> watch, CancellationToken cancellationToken)
    {
        var failed = false;
        while (true)
        {
            failed = !await TryAsync(what, watch, failed, cancellationToken);
            await Task.Delay(Retry, time, cancellationToken);
        }
    }

    private async Task<bool> TryAsync(string what, Func<CancellationToken, Task> work, bool hasFailed, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
            if (hasFailed)
            {
                LogRecovered(what);
            }

            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (!hasFailed)
            {
                LogFailed(what, exception.Message);
            }

            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The {What} failed and is tried again: {Cause}")]
    private partial void LogFailed(string what, string cause);

    [LoggerMessage(2, LogLevel.Warning, "The {What} works again.")]
    private partial void LogRecovered(string what);
}

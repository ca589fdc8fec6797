using TKA.Cli.Commands;
using TKA.Cli.Sessions;
using TKA.Cli.Terminal;

namespace TKA.Cli.Shells;

/// <summary>Warns on the terminal 5 minutes and 1 minute before the end of the session that a shell or a command uses, and when it is over.</summary>
internal sealed class EndWarning : IDisposable
{
    // Timers stand still while a laptop sleeps, so the wall clock is looked at in short steps.
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan[] Marks = [TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1), TimeSpan.Zero];

    private readonly CancellationTokenSource _stop = new();
    private readonly CommandContext _context;
    private DateTimeOffset _until;
    private int _said;

    private EndWarning(CommandContext context)
    {
        _context = context;
        _ = RunAsync();
    }

    /// <summary>Starts to watch the clock, where there is a terminal to warn on.</summary>
    /// <returns>Stops watching when disposed; null: nothing to watch.</returns>
    public static EndWarning? Start(CommandContext context) =>
        context.Console.Environment is { ErrorIsTerminal: true, InIsTerminal: true } && !context.Console.Quiet ? new EndWarning(context) : null;

    /// <inheritdoc/>
    public void Dispose() => _stop.Cancel();

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                // The record is read each time: renewing the session, or tka use, changes its end.
                if (SessionHold.Mine().Find(record => record.Id == ShellFiles.Id) is { } record)
                {
                    Look(record);
                }

                await Task.Delay(Step, _context.Clock, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The child has ended.
        }
    }

    private void Look(SessionRecord record)
    {
        var remaining = record.Until - _context.Clock.GetUtcNow();
        if (record.Until != _until)
        {
            // A session that has less than a mark from the start is warned of at the next one.
            (_until, _said) = (record.Until, Marks.Count(mark => mark > TimeSpan.Zero && remaining <= mark - Step));
        }

        var due = Marks.Count(mark => remaining <= mark);
        if (due <= _said)
        {
            return;
        }

        _said = due;
        var renew = record.RoleKey is null ? "tka login" : $"tka login --role {record.Role}";
        _context.Console.Interrupt(remaining <= TimeSpan.Zero
            ? $"The session with role {record.Role} on {record.Cluster} is over. Sign in again with: {renew}"
            : $"The session with role {record.Role} on {record.Cluster} ends {RemainingTime.Relative(remaining)}. Renew it with: {renew}");
    }
}

using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using TKA.Cli.Errors;

namespace TKA.Cli.Shells;

/// <summary>
/// Runs a command on this terminal. The child stays in this process's group, which is the terminal's foreground group:
/// Ctrl+C and Ctrl+Z reach both, an interactive shell can take the terminal for its own jobs, and fg and bg work from outside.
/// </summary>
internal static partial class ChildProcess
{
    // How long a child may take to end after it was told to, before it is killed.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Runs it and waits.</summary>
    /// <param name="start">What to run.</param>
    /// <param name="interactive">An interactive shell, which ends on a hang-up but not on SIGTERM.</param>
    /// <param name="terminating">Called once when this process is told to end: what must not wait for the child.</param>
    /// <param name="clock">Clock.</param>
    /// <returns>The child's exit code; 128 + the number of the signal that ended it.</returns>
    /// <exception cref="CliException">It cannot be started.</exception>
    public static async Task<int> RunAsync(ProcessStartInfo start, bool interactive, Action terminating, TimeProvider clock)
    {
        start.UseShellExecute = false;
        using var process = new Process { StartInfo = start };

        // Not disposed: a signal may still be at work in its own thread when the child is gone.
        var grace = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        var told = 0;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var signals = ProcessSignals.Redirect(signal =>
        {
            if (signal is PosixSignal.SIGINT or PosixSignal.SIGQUIT)
            {
                // From the keyboard it went to the whole foreground group, the child among it; without a terminal it is for us to pass on.
                if (Console.IsInputRedirected && Console.IsErrorRedirected)
                {
                    Signal(started.Task, process, signal);
                }

                return;
            }

            if (Interlocked.Exchange(ref told, 1) == 0)
            {
                grace.CancelAfter(Grace);
                terminating();
            }

            Signal(started.Task, process, interactive ? PosixSignal.SIGHUP : signal);
        });

        try
        {
            process.Start();
            started.SetResult();
        }
        catch (Win32Exception exception)
        {
            throw NotStarted(start.FileName, exception);
        }

        try
        {
            await process.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        return process.ExitCode;
    }

    /// <summary>The file a command name stands for: as given when it holds a directory, else searched on PATH.</summary>
    /// <exception cref="CliException">No such program.</exception>
    public static string Find(string command)
    {
        if (command.Contains(Path.DirectorySeparatorChar) || (OperatingSystem.IsWindows() && command.Contains('/')))
        {
            return File.Exists(command) ? command : throw NotStarted(command, null);
        }

        var extensions = OperatingSystem.IsWindows() ? new[] { ".exe", ".cmd", ".bat", "" } : [""];
        foreach (var directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (var extension in extensions)
            {
                var candidate = Path.Combine(directory, command + extension);
                if (File.Exists(candidate) && IsExecutable(candidate))
                {
                    return candidate;
                }
            }
        }

        throw NotStarted(command, null);
    }

    private static bool IsExecutable(string path) =>
        OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private static CliException NotStarted(string command, Win32Exception? error) => error is { NativeErrorCode: 13 or 8 or 5 }
        ? new CliException(ErrorCodes.CommandNotExecutable, ExitCode.CannotExecute, $"{command} cannot be executed: {error.Message}.", ["Check that it is a program and that you may run it."], error)
        : new CliException(ErrorCodes.CommandNotFound, ExitCode.CommandNotFound, $"There is no command {command}.", ["Check the spelling and PATH. Nothing was left signed in."], error);

    // A signal may come between the child's first step and the moment its number is known here: it is passed on then.
    private static void Signal(Task started, Process process, PosixSignal signal) => started.ContinueWith(
        ready =>
        {
            try
            {
                if (OperatingSystem.IsWindows())
                {
                    process.Kill();
                }
                else if (!process.HasExited)
                {
                    _ = Kill(process.Id, signal switch { PosixSignal.SIGHUP => 1, PosixSignal.SIGINT => 2, PosixSignal.SIGQUIT => 3, _ => 15 });
                }
            }
            catch (InvalidOperationException)
            {
                // Over already.
            }
        },
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnRanToCompletion,
        TaskScheduler.Default);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}

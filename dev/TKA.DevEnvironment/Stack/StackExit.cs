using System.Net.Sockets;

namespace TKA.DevEnvironment.Stack;

/// <summary>How a program of a stack ends: an exit code, and one line on stderr for what went wrong.</summary>
internal static class StackExit
{
    /// <summary>Exit code of an orderly stop.</summary>
    public const int Success = 0;

    /// <summary>Exit code when something keeps the stack from starting.</summary>
    public const int Failure = 1;

    /// <summary>Exit code of a wrong option.</summary>
    public const int WrongUsage = 2;

    /// <summary>Runs a program until it ends or is told to stop by a signal.</summary>
    public static async Task<int> RunAsync(Func<CommandLine> parse, Func<CommandLine, CancellationToken, Task> run)
    {
        using var signals = new ShutdownSignals();
        try
        {
            var options = parse();
            if (options.ShowHelp)
            {
                Console.WriteLine(CommandLine.Help);
            }
            else
            {
                await run(options, signals.Token);
            }

            return Success;
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return Success;
        }
        catch (Exception exception) when (TryExplain(exception) is { } code)
        {
            return code;
        }
    }

    /// <summary>Prints the line of a failure that its reader can do something about.</summary>
    /// <returns>The exit code; null for any other failure, which is a bug and needs its stack trace.</returns>
    public static int? TryExplain(Exception exception)
    {
        int? code = exception switch
        {
            CommandLineException => WrongUsage,
            StackException or TimeoutException or IOException or InvalidDataException or SocketException or UnauthorizedAccessException => Failure,
            _ => null,
        };
        if (code is not null)
        {
            Console.Error.WriteLine($"error: {exception.Message.ReplaceLineEndings(" ")}");
        }

        return code;
    }
}

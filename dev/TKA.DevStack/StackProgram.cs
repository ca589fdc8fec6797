using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using TKA.DevEnvironment.Stack;

namespace TKA.DevStack;

/// <summary>The program without Aspire: options in, exit code out, one line for what went wrong.</summary>
internal static class StackProgram
{
    private const int Success = 0;
    private const int Failure = 1;
    private const int WrongUsage = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        using var signals = new ShutdownSignals();
        try
        {
            var options = CommandLine.Parse(args);
            if (options.ShowHelp)
            {
                Console.WriteLine(CommandLine.Help);
                return Success;
            }

            await using var engine = new StackHost(options);
            await engine.RunAsync(signals.Token);
            return Success;
        }
        catch (CommandLineException exception)
        {
            return Fail(WrongUsage, exception);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return Success;
        }
        catch (Exception exception) when (exception is StackException or TimeoutException or IOException or InvalidDataException
            or AddressInUseException or SocketException or UnauthorizedAccessException)
        {
            return Fail(Failure, exception);
        }
    }

    private static int Fail(int code, Exception exception)
    {
        Console.Error.WriteLine($"error: {exception.Message.ReplaceLineEndings(" ")}");
        return code;
    }
}

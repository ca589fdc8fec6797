using System.CommandLine;
using System.CommandLine.Invocation;
using TKA.Cli.Errors;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary><c>tka --version</c>: one line, wherever else on the command line the flag stands.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    /// <summary>Prints it before anything else is set up; false: try the long way, which reports why not.</summary>
    public static bool TryPrint()
    {
        try
        {
            Print();
            return true;
        }
        catch (CliException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        Print();
        return ExitCode.Success;
    }

    private static void Print() => CliConsole.WriteLine($"tka {ClientVersion.Number}");
}

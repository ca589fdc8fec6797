using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary><c>--help</c>, and <c>tka</c> alone.</summary>
internal sealed class TkaHelpAction : SynchronousCommandLineAction
{
    // Lines longer than this are hard to read, however wide the terminal is.
    private const int LargestWidth = 100;
    private const int UsualWidth = 80;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <summary>Makes it the help of a command tree.</summary>
    public static void Install(RootCommand root) => root.Options.OfType<HelpOption>().Single().Action = new TkaHelpAction();

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var parents = new List<string>();
        for (var parent = parseResult.CommandResult.Parent as CommandResult; parent is not null; parent = parent.Parent as CommandResult)
        {
            parents.Insert(0, parent.Command is RootCommand ? "tka" : parent.Command.Name);
        }

        var width = TerminalEnvironment.Detect() is { OutIsTerminal: true } ? Math.Min(TerminalEnvironment.MeasureWidth(terminal: true), LargestWidth) : UsualWidth;
        CliConsole.WriteRaw(HelpText.Of(parseResult.CommandResult.Command, parents, width));
        return ExitCode.Success;
    }
}

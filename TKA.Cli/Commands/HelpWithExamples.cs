using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary>Help, followed by the command's details and examples.</summary>
/// <param name="help">Help as System.CommandLine writes it.</param>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <summary>Makes it the help of a command tree.</summary>
    public static void Install(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((HelpAction)option.Action!);
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var code = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not CliCommand command)
        {
            return code;
        }

        if (command.Details is { Length: > 0 } details)
        {
            CliConsole.WriteRaw($"Details:\n  {details.Replace("`", "", StringComparison.Ordinal)}\n\n");
        }

        if (command.Examples.Count > 0)
        {
            CliConsole.WriteRaw("Examples:\n" + string.Concat(command.Examples.Select(example => $"  # {example.Comment}\n  {example.Line}\n\n")));
        }

        return code;
    }
}

using System.CommandLine;

namespace TKA.Cli.Commands;

/// <summary>The usage line of a command, for help and documentation.</summary>
internal static class CommandUsage
{
    /// <summary>What follows the command's name.</summary>
    public static string Of(Command command)
    {
        var usage = command.Options.Any(option => !option.Hidden) ? " [flags]" : "";
        if (command.Subcommands.Any(child => !child.Hidden))
        {
            usage += command is CliCommand ? " [command]" : " COMMAND";
        }

        foreach (var argument in command.Arguments)
        {
            var many = argument.Arity.MaximumNumberOfValues > 1;
            var name = many ? $"-- {argument.Name.ToUpperInvariant()}..." : argument.Name.ToUpperInvariant();
            usage += argument.Arity.MinimumNumberOfValues == 0 ? $" [{name}]" : $" {name}";
        }

        return usage;
    }
}

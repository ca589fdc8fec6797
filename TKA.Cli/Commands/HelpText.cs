using System.CommandLine;
using System.Text;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary>Help of a command: what it does, usage, flags, details, examples. The flags of every command are listed once, in the help of tka itself.</summary>
internal static class HelpText
{
    private const int LargestName = 32;

    /// <summary>The help.</summary>
    /// <param name="command">The command.</param>
    /// <param name="parents">Names of the commands above it, with <c>tka</c> first; empty for tka itself.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static string Of(Command command, IReadOnlyList<string> parents, int width)
    {
        var isRoot = parents.Count == 0;
        var name = isRoot ? "tka" : $"{string.Join(' ', parents)} {command.Name}";
        var text = new StringBuilder();
        text.Append(TextWrap.Wrap(command.Description ?? "", width)).Append("\n\n");
        text.Append("Usage:\n  ").Append(name).Append(isRoot ? " COMMAND [flags]" : CommandUsage.Of(command)).Append('\n');
        if (command.Aliases.Count > 0)
        {
            text.Append("\nOther names: ").AppendJoin(", ", command.Aliases.Order(StringComparer.Ordinal)).Append('\n');
        }

        Section(text, "Commands", command.Subcommands.Where(child => !child.Hidden).Select(child => (Names(child), child.Description ?? "")), width);
        Section(text, "Arguments", command.Arguments.Select(argument => (argument.Name.ToUpperInvariant(), argument.Description ?? "")), width);
        Section(text, isRoot ? "Flags of every command" : "Flags", command.Options.Where(option => !option.Hidden && !option.Recursive || (isRoot && !option.Hidden)).Select(option => (Names(option), option.Description ?? "")), width);
        if (!isRoot)
        {
            text.Append("\nThe flags of every command are listed by tka --help.\n");
        }
        else
        {
            text.Append('\n').Append(TextWrap.Wrap("An empty value (--role \"\", --role=) is refused: most often it is a variable that is not set. tka COMMAND --help tells more about a command.", width)).Append('\n');
        }

        if (command is CliCommand { Details: { Length: > 0 } details })
        {
            text.Append("\nDetails:\n  ").Append(TextWrap.Wrap(details.Replace("`", "", StringComparison.Ordinal), width, indent: 2, first: 2)).Append('\n');
        }

        if (command is CliCommand { Examples: { Count: > 0 } examples })
        {
            text.Append("\nExamples:\n").AppendJoin("\n", examples.Select(example => $"  # {example.Comment}\n  {example.Line}\n"));
        }

        return text.ToString();
    }

    // The main name first: aliases are only other ways to type it.
    private static string Names(Command command) => string.Join(", ", command.Aliases.Order(StringComparer.Ordinal).Prepend(command.Name));

    // Not -? and /h, which System.CommandLine takes for Windows' sake.
    private static string Names(Option option) =>
        string.Join(", ", option.Aliases.Where(alias => alias is ['-', not '?', ..]).Order(StringComparer.Ordinal).Prepend(option.Name)) + (option.HelpName is { Length: > 0 } value && option.ValueType != typeof(bool) ? $" <{value}>" : "");

    private static void Section(StringBuilder text, string title, IEnumerable<(string Name, string Description)> lines, int width)
    {
        var all = lines.ToList();
        if (all.Count == 0)
        {
            return;
        }

        text.Append('\n').Append(title).Append(":\n");
        var column = Math.Min(LargestName, all.Max(line => line.Name.Length)) + 4;
        foreach (var (name, description) in all)
        {
            text.Append("  ").Append(name);
            if (name.Length + 4 > column)
            {
                text.Append('\n').Append(' ', column);
            }
            else
            {
                text.Append(' ', column - name.Length - 2);
            }

            text.Append(TextWrap.Wrap(description, width, indent: column, first: column)).Append('\n');
        }
    }
}

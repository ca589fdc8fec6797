using System.CommandLine;

namespace TKA.Cli.Commands;

/// <summary>
/// Finds empty values on the command line before it is parsed. Most often one is "$VARIABLE" that is not set: taken for no value it would do
/// something else than was meant, and System.CommandLine takes the word after <c>--option=</c> for its value.
/// </summary>
internal static class EmptyValues
{
    /// <summary>The option or argument whose value is empty; null: none.</summary>
    /// <param name="root">The command tree.</param>
    /// <param name="words">The command line.</param>
    public static string? Find(RootCommand root, IReadOnlyList<string> words)
    {
        var commands = new List<Command> { root };
        var arguments = 0;
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word == "--")
            {
                return null;
            }

            if (word.Length > 1 && word[0] == '-')
            {
                var separator = word.IndexOfAny(['=', ':']);
                var name = separator < 0 ? word : word[..separator];
                if (FindOption(commands, name) is not { } option)
                {
                    continue;
                }

                if (separator >= 0 ? separator == word.Length - 1 : TakesValue(option) && i + 1 < words.Count && words[++i].Length == 0)
                {
                    return option.Name;
                }
            }
            else if (commands[^1] is ExecCommand or ShellCommand)
            {
                // From here on the words are another program's.
                return null;
            }
            else if (commands[^1].Subcommands.FirstOrDefault(child => child.Name == word || child.Aliases.Contains(word)) is { } child)
            {
                commands.Add(child);
                arguments = 0;
            }
            else
            {
                var argument = arguments < commands[^1].Arguments.Count ? commands[^1].Arguments[arguments] : null;
                arguments++;
                if (word.Length == 0 && argument?.Name != ConfigCommand.ValueArgument)
                {
                    return argument?.Name ?? "the command";
                }
            }
        }

        return null;
    }

    private static bool TakesValue(Option option) => option.ValueType != typeof(bool) && option.Name is not "--help";

    private static Option? FindOption(List<Command> commands, string name) =>
        commands[^1].Options.Concat(commands[0].Options).FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name));
}

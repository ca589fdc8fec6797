using System.CommandLine;

namespace TKA.Cli.Commands;

/// <summary>
/// Finds where the command of <c>tka exec CMD ARGS</c> begins and puts <c>--</c> before it, as sudo and env do without being told.
/// PowerShell takes <c>--</c> away from calls of functions, and the shell integration is one.
/// </summary>
internal static class ChildCommandLine
{
    /// <summary>The words, with <c>--</c> where it was left out.</summary>
    public static string[] Separate(RootCommand root, string[] words)
    {
        Command command = root;
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i];
            if (word == "--")
            {
                return words;
            }

            if (word.Length > 1 && word[0] == '-')
            {
                if (FindOption(root, command, word) is not { } option)
                {
                    // Unknown, or with its value in the same word: what the parser makes of it is not for us to guess.
                    if (!word.Contains('='))
                    {
                        return words;
                    }
                }
                else if (option.ValueType != typeof(bool) && option.Name is not "--help")
                {
                    i++;
                }
            }
            else if (command is ExecCommand or ShellCommand)
            {
                return [.. words[..i], "--", .. words[i..]];
            }
            else if (command.Subcommands.FirstOrDefault(child => child.Name == word || child.Aliases.Contains(word)) is { } child)
            {
                command = child;
            }
            else
            {
                return words;
            }
        }

        return words;
    }

    private static Option? FindOption(RootCommand root, Command command, string word) =>
        command.Options.Concat(root.Options).FirstOrDefault(option => option.Name == word || option.Aliases.Contains(word));
}

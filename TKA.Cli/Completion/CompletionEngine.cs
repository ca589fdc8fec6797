using System.CommandLine;

namespace TKA.Cli.Completion;

/// <summary>What can stand at a place of the command line. Completion scripts and kubectl ask in the protocol of cobra's <c>__complete</c>.</summary>
/// <remarks>Protocol: one candidate a line, perhaps with a tab and a description, and at the end <c>:N</c> with the bits of <see cref="Directive"/>.</remarks>
internal static class CompletionEngine
{
    /// <summary>Bits of the last line, as in cobra's ShellCompDirective.</summary>
    [Flags]
    public enum Directive
    {
        /// <summary>Files may be completed when there is no candidate.</summary>
        Default = 0,

        /// <summary>No blank after the candidate.</summary>
        NoSpace = 2,

        /// <summary>No files.</summary>
        NoFiles = 4,
    }

    /// <summary>Candidates for the last of the words.</summary>
    /// <param name="root">The command tree.</param>
    /// <param name="words">Words after the program's name; the last is being typed and may be empty.</param>
    /// <param name="source">Gives the values of an option or argument.</param>
    public static async Task<(List<(string Value, string Description)> Candidates, Directive Directive)> CompleteAsync(
        Command root,
        IReadOnlyList<string> words,
        IValueSource source)
    {
        var typed = words.Count == 0 || words[^1] is "\"\"" ? "" : words[^1];
        var commands = new List<Command> { root };
        var positionals = 0;
        var afterDashes = false;
        Option? expecting = null;
        foreach (var word in words.SkipLast(1))
        {
            if (expecting is not null)
            {
                expecting = null;
            }
            else if (afterDashes)
            {
                positionals++;
            }
            else if (word == "--")
            {
                afterDashes = true;
            }
            else if (word.StartsWith('-') && word.Length > 1)
            {
                var option = Find(commands, word.Split('=')[0]);
                expecting = option is not null && TakesValue(option) && !word.Contains('=') ? option : null;
            }
            else if (positionals == 0 && commands[^1].Subcommands.FirstOrDefault(command => command.Name == word || command.Aliases.Contains(word)) is { } child)
            {
                commands.Add(child);
            }
            else
            {
                positionals++;
            }
        }

        if (expecting is not null)
        {
            return await ValuesAsync(expecting, "", typed, commands, words, source);
        }

        if (!afterDashes && typed.StartsWith('-'))
        {
            var equals = typed.IndexOf('=');
            return equals > 0 && Find(commands, typed[..equals]) is { } assigned
                ? await ValuesAsync(assigned, typed[..(equals + 1)], typed, commands, words, source)
                : (Options(commands).Where(candidate => candidate.Value.StartsWith(typed, StringComparison.Ordinal)).ToList(), Directive.NoFiles);
        }

        var candidates = new List<(string, string)>();
        var command = commands[^1];
        if (!afterDashes && positionals == 0)
        {
            candidates.AddRange(command.Subcommands.Where(child => !child.Hidden).Select(child => (child.Name, child.Description ?? "")));
        }

        var directive = Directive.NoFiles;
        if (command.Arguments.Count > 0)
        {
            var argument = command.Arguments[Math.Min(positionals, command.Arguments.Count - 1)];
            if (argument.Arity.MaximumNumberOfValues > 1)
            {
                directive = Directive.Default;
            }
            else if (positionals < command.Arguments.Count)
            {
                candidates.AddRange(await source.GetAsync(commands, argument.Name, words));
                directive = source.IsFile(argument.Name) ? Directive.Default : directive;
            }
        }

        return (candidates.Where(candidate => candidate.Item1.StartsWith(typed, StringComparison.Ordinal)).ToList(), directive);
    }

    private static async Task<(List<(string, string)>, Directive)> ValuesAsync(
        Option option,
        string prefix,
        string typed,
        IReadOnlyList<Command> commands,
        IReadOnlyList<string> words,
        IValueSource source)
    {
        if (source.IsFile(option.Name))
        {
            return ([], Directive.Default);
        }

        var values = await source.GetAsync(commands, option.Name, words);
        return (values.Select(value => (prefix + value.Value, value.Description)).Where(value => value.Item1.StartsWith(typed, StringComparison.Ordinal)).ToList(), Directive.NoFiles);
    }

    private static bool TakesValue(Option option) => option.ValueType != typeof(bool);

    private static Option? Find(List<Command> commands, string name) =>
        Visible(commands).FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name));

    private static IEnumerable<Option> Visible(List<Command> commands) =>
        commands[^1].Options.Concat(commands.SkipLast(1).Reverse().SelectMany(parent => parent.Options.Where(option => option.Recursive)));

    private static IEnumerable<(string Value, string Description)> Options(List<Command> commands) =>
        Visible(commands).Where(option => !option.Hidden).Select(option => (option.Name, option.Description ?? "")).DistinctBy(option => option.Item1);
}

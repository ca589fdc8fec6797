using System.CommandLine;

namespace TKA.Cli.Completion;

/// <summary>Values that options and arguments can have.</summary>
internal interface IValueSource
{
    /// <summary>Whether the value is a file name, which the shell completes itself.</summary>
    bool IsFile(string name);

    /// <summary>Values, with descriptions. Never throws: a completion that knows nothing offers nothing.</summary>
    /// <param name="commands">From the root to the command.</param>
    /// <param name="name">Name of the option (with dashes) or argument.</param>
    /// <param name="words">The whole command line, for the flags that say which server to ask.</param>
    Task<IReadOnlyList<(string Value, string Description)>> GetAsync(IReadOnlyList<Command> commands, string name, IReadOnlyList<string> words);
}

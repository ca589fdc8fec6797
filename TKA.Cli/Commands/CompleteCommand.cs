using System.Text;
using TKA.Cli.Completion;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary><c>tka __complete WORDS</c>: what completion scripts ask, in the protocol of cobra, which kubectl also speaks.</summary>
internal static class CompleteCommand
{
    /// <summary>Name; not part of the tree, because the words it gets are an unfinished command line.</summary>
    public const string Name = "__complete";

    /// <summary>Answers.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> words)
    {
        var root = TkaCommandLine.BuildRoot();
        var (candidates, directive) = await CompletionEngine.CompleteAsync(root, words, new ValueSource(root, TimeProvider.System));
        var text = new StringBuilder();
        foreach (var (value, description) in candidates)
        {
            text.Append(SafeText.Clean(value));
            if (description.Length > 0)
            {
                text.Append('\t').Append(SafeText.Clean(description));
            }

            text.Append('\n');
        }

        CliConsole.WriteRaw(text.Append(':').Append((int)directive).Append('\n').ToString());
        return ExitCode.Success;
    }
}

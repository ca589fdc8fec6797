using System.Text.RegularExpressions;
using TKA.Tests.Infrastructure;

namespace TKA.Tests.Documentation;

/// <summary>The commands that the documentation tells a reader to type.</summary>
internal static partial class DocumentedCommands
{
    /// <summary>Every command, once: the lines of blocks in <c>sh</c>, those with a prompt in <c>console</c>, and whole commands in running text.</summary>
    public static IReadOnlyCollection<string> All { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(DeployFiles.RepositoryRoot, "docs"), "*.md")
            .Concat(new[] { "README.md", "SECURITY.md", "CONTRIBUTING.md" }.Select(name => Path.Combine(DeployFiles.RepositoryRoot, name)))
            .Select(File.ReadAllText)
            .SelectMany(page => Blocks(page).Concat(Spans(Fence().Replace(page, ""))))
            .Distinct(),
    ];

    private static IEnumerable<string> Blocks(string page) =>
        from Match block in Fence().Matches(page)
        let isConsole = block.Groups["language"].Value == "console"
        where isConsole || block.Groups["language"].Value == "sh"
        from line in Continuation().Replace(block.Groups["text"].Value, " ").Split('\n')
        where !isConsole || line.StartsWith("$ ", StringComparison.Ordinal)
        select Comment().Replace(isConsole ? line[2..] : line, "").Trim() into command
        where command.Length > 0
        select command;

    /// <summary>Three words and fewer name a command rather than being one.</summary>
    private static IEnumerable<string> Spans(string text) =>
        from Match span in Span().Matches(text)
        let command = Blanks().Replace(span.Groups["text"].Value, " ")
        where command.Split(' ').Length > 3
        select command;

    [GeneratedRegex(@"^[ \t]*```(?<language>\w*)\n(?<text>.*?)^[ \t]*```[ \t]*$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"[ \t]*\\\n[ \t]*")]
    private static partial Regex Continuation();

    [GeneratedRegex(@"(^|[ \t]+)#( .*)?$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"`(?<text>(kubectl|helm|tka|dotnet|aspire|cosign|curl) [^`]+)`")]
    private static partial Regex Span();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}

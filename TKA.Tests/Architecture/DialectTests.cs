using System.Text.RegularExpressions;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Architecture;

/// <summary>Names that .editorconfig has no rule for are the same everywhere.</summary>
public sealed partial class DialectTests
{
    private static readonly string[] Generated = ["bin", "obj", "artifacts"];

    [Fact]
    public void A_caught_exception_is_called_exception() =>
        Assert.Empty(Findings(CatchVariable(), name => name is "exception"));

    /// <summary>A name may say which of two tokens it is (<c>stoppingToken</c>, <c>lost</c>); these say nothing.</summary>
    [Fact]
    public void A_cancellation_token_has_a_full_name() =>
        Assert.Empty(Findings(TokenParameter(), name => name is not ("ct" or "token" or "cancel" or "cancellation")));

    /// <summary>As <c>dotnet format</c> sorts them: asking it costs a load of the whole solution.</summary>
    [Fact]
    public void Imports_are_sorted() =>
        Assert.Empty(
            from source in Sources()
            let names = Import().Matches(source.Text).Select(match => match.Groups[1].Value).ToArray()
            where !names.SequenceEqual(names.OrderBy(name => name is not "System" && !name.StartsWith("System.", StringComparison.Ordinal)).ThenBy(name => name, StringComparer.OrdinalIgnoreCase))
            select source.Path);

    private static List<string> Findings(Regex names, Func<string, bool> allowed) =>
    [
        .. from source in Sources()
           from Match match in names.Matches(source.Text)
           where !allowed(match.Groups[1].Value)
           select $"{source.Path}: {match.Value}",
    ];

    private static IEnumerable<(string Path, string Text)> Sources() =>
        from file in Directory.EnumerateFiles(DeployFiles.RepositoryRoot, "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(DeployFiles.RepositoryRoot, file)
        where !path.Split(Path.DirectorySeparatorChar).Any(Generated.Contains)
        select (path, File.ReadAllText(file));

    [GeneratedRegex(@"^using (\w[\w.]*);", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex(@"\bcatch \([\w.]+(?:<[^>]*>)? (\w+)\)")]
    private static partial Regex CatchVariable();

    [GeneratedRegex(@"\bCancellationToken\?? (\w+)(?= = default\b|[,)])")]
    private static partial Regex TokenParameter();
}

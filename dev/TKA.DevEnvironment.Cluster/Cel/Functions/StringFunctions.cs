using static TKA.DevEnvironment.Cluster.Cel.CelType;

namespace TKA.DevEnvironment.Cluster.Cel.Functions;

/// <summary>Methods of strings.</summary>
internal static class StringFunctions
{
    public static IEnumerable<CelOverload> All { get; } =
    [
        Method("startsWith", [CelType.String], Bool, a => Text(a, 0).StartsWith(Text(a, 1), StringComparison.Ordinal)),
        Method("endsWith", [CelType.String], Bool, a => Text(a, 0).EndsWith(Text(a, 1), StringComparison.Ordinal)),
        Method("contains", [CelType.String], Bool, a => Text(a, 0).Contains(Text(a, 1), StringComparison.Ordinal)),
        Method("matches", [CelType.String], Bool, a => CelRegex.Compile(Text(a, 1)).IsMatch(Text(a, 0))),
        Method("lowerAscii", [], CelType.String, a => string.Concat(Text(a, 0).Select(c => char.IsAsciiLetterUpper(c) ? char.ToLowerInvariant(c) : c))),
        Method("split", [CelType.String], List(CelType.String), a => Split(Text(a, 0), Text(a, 1))),
    ];

    private static CelOverload Method(string name, CelType[] parameters, CelType result, Func<object?[], object?> run) =>
        new(name, true, [CelType.String, .. parameters], result, run);

    private static string Text(object?[] arguments, int index) => (string)arguments[index]!;

    private static object?[] Split(string text, string separator) =>
        separator.Length == 0 ? [.. text.EnumerateRunes().Select(rune => rune.ToString())] : [.. text.Split(separator)];
}

using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>
/// Regular expressions like RE2's: linear time, no look-around and no back references. The syntax is close enough to .NET's for what
/// schemas and policies use.
/// </summary>
internal static class Re2
{
    private const int MostKept = 512;
    private static readonly ConcurrentDictionary<string, Regex> Compiled = new(StringComparer.Ordinal);

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="FormatException">RE2 would refuse it.</exception>
    public static Regex Compile(string pattern)
    {
        if (Compiled.Count >= MostKept)
        {
            Compiled.Clear();
        }

        try
        {
            return Compiled.GetOrAdd(pattern, static text =>
                new Regex(text.Replace("(?P<", "(?<", StringComparison.Ordinal), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"error parsing regexp: {exception.Message}", exception);
        }
    }
}

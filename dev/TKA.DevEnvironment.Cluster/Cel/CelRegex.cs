using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Regular expressions like RE2's: linear time, no look-around and no back references.</summary>
internal static class CelRegex
{
    private const int CachedPatterns = 512;
    private static readonly ConcurrentDictionary<string, Regex> Cache = new(StringComparer.Ordinal);

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="CelException">RE2 would refuse it.</exception>
    public static Regex Compile(string pattern)
    {
        if (Cache.TryGetValue(pattern, out var known))
        {
            return known;
        }

        try
        {
            var compiled = new Regex(pattern.Replace("(?P<", "(?<", StringComparison.Ordinal), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            if (Cache.Count >= CachedPatterns)
            {
                Cache.Clear();
            }

            return Cache[pattern] = compiled;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new CelException(string.Create(CultureInfo.InvariantCulture, $"error parsing regexp: {exception.Message}"));
        }
    }
}

using System.Globalization;
using System.Text.RegularExpressions;
using TKA.Contracts;

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Text forms of durations and timestamps, to 100 nanoseconds.</summary>
internal static partial class CelTime
{
    /// <summary>A duration in Go's notation.</summary>
    /// <exception cref="CelException">Not a duration, or out of range.</exception>
    public static TimeSpan ParseDuration(string text) =>
        GoDuration.TryParse(text, out var duration) ? duration : throw new CelException($"time: invalid duration \"{text}\"");

    /// <summary>An RFC 3339 time.</summary>
    /// <exception cref="CelException">Not such a time.</exception>
    public static DateTimeOffset ParseTimestamp(string text) =>
        Rfc3339().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment)
            ? moment
            : throw new CelException($"invalid timestamp {text}");

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$")]
    private static partial Regex Rfc3339();
}

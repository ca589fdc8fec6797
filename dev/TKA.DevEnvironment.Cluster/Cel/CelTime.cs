using System.Globalization;
using System.Text.RegularExpressions;

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Text forms of durations and timestamps.</summary>
internal static partial class CelTime
{
    /// <summary>A duration in Go's notation, to the nanosecond.</summary>
    /// <exception cref="CelException">Not a duration, or out of range.</exception>
    public static CelDuration ParseDuration(string text)
    {
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return new(0);
        }

        if (rest.IsEmpty)
        {
            throw Invalid(text);
        }

        var nanoseconds = 0m;
        while (!rest.IsEmpty)
        {
            var part = Part().Match(rest.ToString());
            if (!part.Success || !decimal.TryParse(part.Groups[1].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                throw Invalid(text);
            }

            try
            {
                nanoseconds += number * part.Groups[2].Value switch
                {
                    "ns" => 1m,
                    "ms" => 1_000_000m,
                    "s" => 1_000_000_000m,
                    "m" => 60_000_000_000m,
                    "h" => 3_600_000_000_000m,
                    _ => 1_000m,
                };
            }
            catch (OverflowException)
            {
                throw Invalid(text);
            }

            rest = rest[part.Length..];
        }

        return nanoseconds > long.MaxValue ? throw Invalid(text) : new((long)(negative ? -nanoseconds : nanoseconds));
    }

    /// <summary>An RFC 3339 time, or a day as schemas with <c>format: date</c> have it.</summary>
    /// <exception cref="CelException">Neither.</exception>
    public static DateTimeOffset ParseTimestampOrDate(string text) =>
        Date().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day)
            ? day
            : ParseTimestamp(text);

    /// <summary>An RFC 3339 time.</summary>
    /// <exception cref="CelException">Not such a time.</exception>
    public static DateTimeOffset ParseTimestamp(string text)
    {
        return Rfc3339().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment)
            ? moment
            : throw new CelException($"invalid timestamp {text}");
    }

    private static CelException Invalid(string text) => new($"time: invalid duration \"{text}\"");

    [GeneratedRegex(@"^(\d*\.?\d+|\d+\.)(ns|us|µs|μs|ms|s|m|h)")]
    private static partial Regex Part();

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}$")]
    private static partial Regex Date();

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$")]
    private static partial Regex Rfc3339();
}

using System.Globalization;

namespace TKA.Cli.Terminal;

/// <summary>Times for people: absolute in the local zone, and how long from now.</summary>
internal static class RemainingTime
{
    private static readonly TimeSpan TolerableSkew = TimeSpan.FromMinutes(1);

    /// <summary>For example <c>2026-11-24 18:05 (in 3 h 12 min)</c>.</summary>
    /// <param name="until">The time.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="serverAhead">How far the clock of the server that gave the time is ahead; a larger difference is taken into account.</param>
    public static string Describe(DateTimeOffset until, TimeProvider clock, TimeSpan? serverAhead = null)
    {
        var local = TimeZoneInfo.ConvertTime(until, clock.LocalTimeZone);
        var skew = serverAhead is { } ahead && ahead.Duration() > TolerableSkew ? ahead : TimeSpan.Zero;
        return string.Create(CultureInfo.InvariantCulture, $"{local:yyyy-MM-dd HH:mm} ({Relative(until - clock.GetUtcNow() - skew)})");
    }

    /// <summary>For example <c>in 3 h 12 min</c>, <c>in 45 s</c>, <c>2 min ago</c>.</summary>
    public static string Relative(TimeSpan span)
    {
        var text = Length(span.Duration());
        return span < TimeSpan.Zero ? $"{text} ago" : $"in {text}";
    }

    /// <summary>For example <c>3 h 12 min</c> or <c>8 h</c>, to the nearest minute; below a minute in seconds, rounded down.</summary>
    public static string Length(TimeSpan span)
    {
        if (span < TimeSpan.FromMinutes(1))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalSeconds} s");
        }

        span = TimeSpan.FromMinutes(Math.Round(span.TotalMinutes));
        var (large, unit, small, smallUnit) = span switch
        {
            { TotalDays: >= 2 } => ((int)span.TotalDays, "d", span.Hours, "h"),
            { TotalHours: >= 1 } => ((int)span.TotalHours, "h", span.Minutes, "min"),
            _ => ((int)span.TotalMinutes, "min", 0, ""),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{large} {unit}") + (small == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {small} {smallUnit}"));
    }
}

using System.Globalization;

namespace TKA.Cli.Terminal;

/// <summary>Times for people: absolute in the local zone, and how long from now.</summary>
internal static class RemainingTime
{
    /// <summary>For example <c>2026-11-24 18:05 (in 3 h 12 min)</c>.</summary>
    public static string Describe(DateTimeOffset until, TimeProvider clock)
    {
        var local = TimeZoneInfo.ConvertTime(until, clock.LocalTimeZone);
        return string.Create(CultureInfo.InvariantCulture, $"{local:yyyy-MM-dd HH:mm} ({Relative(until - clock.GetUtcNow())})");
    }

    /// <summary>For example <c>in 3 h 12 min</c>, <c>in 45 s</c>, <c>2 min ago</c>. Rounded down, so that it never promises too much.</summary>
    public static string Relative(TimeSpan span)
    {
        var text = Length(span.Duration());
        return span < TimeSpan.Zero ? $"{text} ago" : $"in {text}";
    }

    /// <summary>For example <c>3 h 12 min</c>.</summary>
    public static string Length(TimeSpan span) => span switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalDays} d {span.Hours} h"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes} min"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalSeconds} s"),
    };
}

using System.Globalization;

namespace TKA.Web.Components;

/// <summary>Times and lengths of time, as text.</summary>
public static class Moment
{
    /// <summary>For machines: RFC 3339 in UTC.</summary>
    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>For people: <c>30 Nov, 20:14 UTC</c>. The script writes it in the reader's own zone.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("d MMM, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>For example <c>3 h 12 min</c> or <c>8 h</c>. Rounded down, so that it never promises more than there is.</summary>
    public static string Length(TimeSpan span) => span switch
    {
        { TotalDays: >= 2 } => Join((int)span.TotalDays, "d", span.Hours, "h"),
        { TotalHours: >= 1 } => Join((int)span.TotalHours, "h", span.Minutes, "min"),
        { TotalMinutes: >= 1 } => Join(span.Minutes, "min", 0, ""),
        { Ticks: > 0 } => Join(span.Seconds, "s", 0, ""),
        _ => "0 s",
    };

    private static string Join(int large, string largeUnit, int small, string smallUnit) =>
        small == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{large} {largeUnit}")
            : string.Create(CultureInfo.InvariantCulture, $"{large} {largeUnit} {small} {smallUnit}");
}

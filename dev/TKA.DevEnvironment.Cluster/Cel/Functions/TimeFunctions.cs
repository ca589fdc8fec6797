using static TKA.DevEnvironment.Cluster.Cel.CelType;

namespace TKA.DevEnvironment.Cluster.Cel.Functions;

/// <summary>Parts of timestamps and durations.</summary>
internal static class TimeFunctions
{
    public static IEnumerable<CelOverload> All { get; } =
    [
        .. Part("getFullYear", moment => moment.Year),
        .. Part("getMonth", moment => moment.Month - 1),
        .. Part("getDate", moment => moment.Day),
        .. Part("getDayOfMonth", moment => moment.Day - 1),
        .. Part("getDayOfWeek", moment => (int)moment.DayOfWeek),
        .. Part("getDayOfYear", moment => moment.DayOfYear - 1),
        .. Part("getHours", moment => moment.Hour),
        .. Part("getMinutes", moment => moment.Minute),
        .. Part("getSeconds", moment => moment.Second),
        .. Part("getMilliseconds", moment => moment.Millisecond),
        Total("getHours", 3600 * CelDuration.PerSecond),
        Total("getMinutes", 60 * CelDuration.PerSecond),
        Total("getSeconds", CelDuration.PerSecond),
        Total("getMilliseconds", CelDuration.PerSecond / 1000),
    ];

    private static IEnumerable<CelOverload> Part(string name, Func<DateTimeOffset, int> part) =>
    [
        new(name, true, [Timestamp], Int, a => (long)part(((DateTimeOffset)a[0]!).ToUniversalTime())),
        new(name, true, [Timestamp, CelType.String], Int, a => (long)part(InZone((DateTimeOffset)a[0]!, (string)a[1]!))),
    ];

    private static CelOverload Total(string name, long unit) => new(name, true, [Duration], Int, a => ((CelDuration)a[0]!).Nanoseconds / unit);

    private static DateTimeOffset InZone(DateTimeOffset moment, string zone)
    {
        var offset = zone.TrimStart('+', '-');
        if (TimeSpan.TryParseExact(offset, @"hh\:mm", System.Globalization.CultureInfo.InvariantCulture, out var shift))
        {
            return moment.ToOffset(zone.StartsWith('-') ? -shift : shift);
        }

        return TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found)
            ? TimeZoneInfo.ConvertTime(moment, found)
            : throw new CelException($"unknown time zone {zone}");
    }
}

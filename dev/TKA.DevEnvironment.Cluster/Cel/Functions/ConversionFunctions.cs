using static TKA.DevEnvironment.Cluster.Cel.CelType;

namespace TKA.DevEnvironment.Cluster.Cel.Functions;

/// <summary>Sizes, and conversions between types.</summary>
internal static class ConversionFunctions
{
    public static IEnumerable<CelOverload> All { get; } =
    [
        .. Size(CelType.String, value => CodePoints((string)value!)),
        .. Size(AnyList, value => ((IReadOnlyList<object?>)value!).Count),
        .. Size(AnyMap, value => ((ICelMap)value!).Count),
        Convert("duration", CelType.String, Duration, value => CelTime.ParseDuration((string)value!)),
        Convert("timestamp", CelType.String, Timestamp, value => CelTime.ParseTimestamp((string)value!)),
    ];

    private static CelOverload Convert(string name, CelType from, CelType to, Func<object?, object?> run) =>
        new(name, false, [from], to, arguments => run(arguments[0]));

    private static IEnumerable<CelOverload> Size(CelType type, Func<object?, int> size) =>
    [
        new("size", true, [type], Int, arguments => (long)size(arguments[0])),
        new("size", false, [type], Int, arguments => (long)size(arguments[0])),
    ];

    private static int CodePoints(string text) => text.Length - text.Count(char.IsLowSurrogate);
}

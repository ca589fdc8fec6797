using System.Globalization;
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
        Convert("int", Int, Int, value => value),
        Convert("int", CelType.String, Int, value => long.TryParse((string)value!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed)
            ? parsed
            : throw new CelException($"type conversion error from 'string' to 'int': \"{value}\"")),
        Convert("string", CelType.String, CelType.String, value => value),
        Convert("string", Bool, CelType.String, value => (bool)value! ? "true" : "false"),
        Convert("string", Int, CelType.String, value => ((long)value!).ToString(CultureInfo.InvariantCulture)),
        Convert("string", CelType.Double, CelType.String, value => ((double)value!).ToString(CultureInfo.InvariantCulture)),
        Convert("string", Timestamp, CelType.String, value => CelTime.Format((DateTimeOffset)value!)),
        Convert("string", Duration, CelType.String, value => CelTime.Format((CelDuration)value!)),
        Convert("duration", CelType.String, Duration, value => CelTime.ParseDuration((string)value!)),
        Convert("timestamp", CelType.String, Timestamp, value => CelTime.ParseTimestamp((string)value!)),
        Convert("dyn", Dyn, Dyn, value => value),
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

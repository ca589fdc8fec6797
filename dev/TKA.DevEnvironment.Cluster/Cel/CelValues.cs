using System.Globalization;
using System.Text.Json;

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Conversion and comparison of runtime values: null, bool, long, double, string, lists, maps, times.</summary>
internal static class CelValues
{
    /// <summary>A JSON node as a value of a type.</summary>
    /// <exception cref="CelException">The node is not of the type, for example no RFC 3339 time.</exception>
    public static object? FromJson(JsonNode? node, CelType type)
    {
        switch (node)
        {
            case null:
                return null;
            case JsonObject json:
                return new CelJsonMap(json, type);
            case JsonArray json:
                return new CelJsonList(json, type.Kind == CelKind.List ? type.Element : CelType.Dyn);
        }

        switch (node.GetValueKind())
        {
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            case JsonValueKind.Number:
                if (type.Kind != CelKind.Double && TryInteger((JsonValue)node, out var integer))
                {
                    return integer;
                }

                return double.Parse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
            default:
                var text = node.GetValue<string>();
                return type.Kind switch
                {
                    CelKind.Timestamp => CelTime.ParseTimestampOrDate(text),
                    CelKind.Duration => CelTime.ParseDuration(text),
                    _ => text,
                };
        }
    }

    /// <summary>Equality of CEL: numbers by value whatever their type, lists and maps by content, different types never.</summary>
    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        (long or double, long or double) => CompareNumbers(left, right) == 0,
        (IReadOnlyList<object?> a, IReadOnlyList<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second)),
        (ICelMap a, ICelMap b) => a.Count == b.Count && a.Keys.All(key => a.TryGet(key, out var x) && b.TryGet(key, out var y) && AreEqual(x, y)),
        _ => left.Equals(right),
    };

    /// <summary>Order of two numbers of any types; null when one is not a number (NaN).</summary>
    public static int? CompareNumbers(object left, object right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b),
        (double a, _) => CompareDouble(a, right),
        (_, double b) => -CompareDouble(b, left),
        _ => null,
    };

    /// <summary>The type of a runtime value.</summary>
    public static CelKind KindOf(object? value) => value switch
    {
        null => CelKind.Null,
        bool => CelKind.Bool,
        long => CelKind.Int,
        double => CelKind.Double,
        string => CelKind.String,
        IReadOnlyList<object?> => CelKind.List,
        ICelMap => CelKind.Map,
        TimeSpan => CelKind.Duration,
        DateTimeOffset => CelKind.Timestamp,
        _ => CelKind.Dyn,
    };

    private static int? CompareDouble(double left, object right)
    {
        if (double.IsNaN(left))
        {
            return null;
        }
        // Decimal holds every 64-bit integer exactly, which double does not.
        if (left is >= 1e19 or <= -1e19)
        {
            return left > 0 ? 1 : -1;
        }

        return ((decimal)left).CompareTo(Convert.ToDecimal(right, CultureInfo.InvariantCulture));
    }

    private static bool TryInteger(JsonValue value, out long integer)
    {
        if (value.TryGetValue(out integer))
        {
            return true;
        }

        if (!value.TryGetValue(out int small))
        {
            return false;
        }

        integer = small;
        return true;
    }
}

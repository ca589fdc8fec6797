using System.Text.Json;

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Conversion and comparison of runtime values: null, bool, long, string, lists, maps, times.</summary>
internal static class CelValues
{
    /// <summary>A JSON node as a value of a type.</summary>
    /// <exception cref="CelException">The node is not of the type, for example no RFC 3339 time, or a number with a fraction.</exception>
    public static object? FromJson(JsonNode? node, CelType type) => node switch
    {
        null => null,
        JsonObject json => new CelJsonMap(json, type),
        JsonArray json => new CelJsonList(json, type.Kind == CelKind.List ? type.Element : CelType.Dyn),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => node.AsInteger() ?? throw new CelException($"the embedded cluster does not implement numbers such as {node}"),
            _ => FromText(node.GetValue<string>(), type),
        },
    };

    /// <summary>Equality of CEL: lists and maps by content, different types never.</summary>
    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (IReadOnlyList<object?> a, IReadOnlyList<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second)),
        (ICelMap a, ICelMap b) => a.Keys.Count == b.Keys.Count && a.Keys.All(key => a.TryGet(key, out var x) && b.TryGet(key, out var y) && AreEqual(x, y)),
        _ => Equals(left, right),
    };

    /// <summary>The type of a runtime value.</summary>
    public static CelKind KindOf(object? value) => value switch
    {
        null => CelKind.Null,
        bool => CelKind.Bool,
        long => CelKind.Int,
        string => CelKind.String,
        IReadOnlyList<object?> => CelKind.List,
        ICelMap => CelKind.Map,
        TimeSpan => CelKind.Duration,
        DateTimeOffset => CelKind.Timestamp,
        _ => CelKind.Dyn,
    };

    private static object FromText(string text, CelType type) => type.Kind switch
    {
        CelKind.Timestamp => CelTime.ParseTimestamp(text),
        CelKind.Duration => CelTime.ParseDuration(text),
        _ => text,
    };
}

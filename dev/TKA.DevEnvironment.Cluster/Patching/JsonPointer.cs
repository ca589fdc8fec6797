using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>JSON Pointer, RFC 6901, as JSON Patch uses it.</summary>
internal static class JsonPointer
{
    /// <summary>Splits into unescaped tokens; null when it is no pointer.</summary>
    public static string[]? Parse(string pointer)
    {
        if (pointer.Length == 0)
        {
            return [];
        }

        return pointer[0] == '/'
            ? [.. pointer[1..].Split('/').Select(t => t.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]
            : null;
    }

    /// <summary>Finds a value; false when a step leads nowhere.</summary>
    public static bool TryGet(JsonNode? root, ReadOnlySpan<string> tokens, out JsonNode? value)
    {
        value = root;
        foreach (var token in tokens)
        {
            switch (value)
            {
                case JsonObject map when map.TryGetPropertyValue(token, out var child):
                    value = child;
                    break;
                case JsonArray array when TryIndex(token, array.Count - 1, out var index):
                    value = array[index];
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    /// <summary>Reads an array index no greater than <paramref name="last"/>.</summary>
    public static bool TryIndex(string token, int last, out int index) =>
        int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out index)
        && index <= last
        && (token.Length == 1 || token[0] != '0');
}

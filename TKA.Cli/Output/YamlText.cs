using System.Text;
using System.Text.Json;

namespace TKA.Cli.Output;

/// <summary>JSON values as YAML block style. Strings that YAML could take for something else are double-quoted, as JSON writes them.</summary>
internal static class YamlText
{
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "~",
    };

    /// <summary>The value as a YAML document, ending with a line break.</summary>
    public static string From(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value, indent: 0);
        return text.ToString();
    }

    /// <summary>A scalar that any YAML reader takes for this string.</summary>
    public static string Scalar(string value) => IsPlain(value) ? value : JsonSerializer.Serialize(value, CliJsonContext.Indented.String);

    private static void Append(StringBuilder text, JsonElement value, int indent)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.EnumerateObject().Any():
                foreach (var property in value.EnumerateObject())
                {
                    text.Append(' ', indent).Append(Scalar(property.Name)).Append(':');
                    AppendNested(text, property.Value, indent);
                }

                break;
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                foreach (var item in value.EnumerateArray())
                {
                    text.Append(' ', indent).Append('-');
                    if (item.ValueKind is JsonValueKind.Object && item.EnumerateObject().Any())
                    {
                        var nested = new StringBuilder();
                        Append(nested, item, indent + 2);
                        text.Append(' ').Append(nested.ToString().AsSpan(indent + 2));
                    }
                    else
                    {
                        AppendNested(text, item, indent);
                    }
                }

                break;
            default:
                text.Append(' ', indent).Append(Inline(value)).Append('\n');
                break;
        }
    }

    private static void AppendNested(StringBuilder text, JsonElement value, int indent)
    {
        var block = value.ValueKind switch
        {
            JsonValueKind.Object => value.EnumerateObject().Any(),
            JsonValueKind.Array => value.GetArrayLength() > 0,
            _ => false,
        };
        if (block)
        {
            text.Append('\n');
            Append(text, value, value.ValueKind == JsonValueKind.Array ? indent : indent + 2);
        }
        else
        {
            text.Append(' ').Append(Inline(value)).Append('\n');
        }
    }

    private static string Inline(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{}",
        JsonValueKind.Array => "[]",
        JsonValueKind.String => Scalar(value.GetString()!),
        _ => value.GetRawText(),
    };

    private static bool IsPlain(string value) =>
        value.Length > 0
        && (char.IsAsciiLetter(value[0]) || value[0] is '/' or '_')
        && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or '@' or '+' or ':')
        && value[^1] != ':'
        && !Reserved.Contains(value);
}

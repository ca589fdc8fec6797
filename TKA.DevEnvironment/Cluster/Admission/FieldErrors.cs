using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>Collects what is wrong with an object, field by field, in the words of Kubernetes' validation.</summary>
internal sealed class FieldErrors
{
    private readonly List<StatusCause> _causes = [];

    /// <summary>A field that must be set is not.</summary>
    public void Required(string field, string detail = "") =>
        _causes.Add(new("FieldValueRequired", detail.Length > 0 ? $"Required value: {detail}" : "Required value", field));

    /// <summary>A field has a value that it may not have. <paramref name="value"/> is already in display form.</summary>
    public void Invalid(string field, string value, string detail) =>
        _causes.Add(new("FieldValueInvalid", $"Invalid value: {value}: {detail}", field));

    /// <summary>A field must not be set.</summary>
    public void NotAllowed(string field, string detail) => _causes.Add(new("FieldValueForbidden", $"Forbidden: {detail}", field));

    /// <summary>A field's value is not one of a fixed set.</summary>
    public void NotSupported(string field, string value, params ReadOnlySpan<string> supported)
    {
        var list = string.Join(", ", supported.ToArray().Select(GoText.Quote));
        _causes.Add(new("FieldValueNotSupported", $"Unsupported value: {GoText.Quote(value)}: supported values: {list}", field));
    }

    /// <summary>Throws 422 when anything was collected.</summary>
    /// <exception cref="StatusException">422 Invalid with a cause for each field.</exception>
    public void ThrowIfAny(string group, string kind, string name)
    {
        if (_causes.Count == 0) return;
        string[] errors = [.. _causes.Select(cause => $"{cause.Field}: {cause.Message}")];
        var qualified = group.Length > 0 ? $"{kind}.{group}" : kind;
        var list = errors.Length == 1 ? errors[0] : $"[{string.Join(", ", errors)}]";
        throw new StatusException(422, "Invalid", $"{qualified} {GoText.Quote(name)} is invalid: {list}", _causes)
        {
            Details = (group, kind, name, ""),
        };
    }
}

/// <summary>Values as the real server, a Go program, puts them into messages.</summary>
internal static class GoText
{
    /// <summary>A double-quoted string.</summary>
    public static string Quote(string text)
    {
        if (!text.Any(character => character is '"' or '\\' || char.IsControl(character))) return $"\"{text}\"";
        var quoted = new System.Text.StringBuilder("\"");
        foreach (var character in text)
        {
            quoted.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when char.IsControl(character) => $"\\x{(int)character:x2}",
                _ => character.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A list of strings: <c>["a" "b"]</c>.</summary>
    public static string List(IEnumerable<string> texts) => $"[{string.Join(' ', texts.Select(Quote))}]";

    /// <summary>The value of a JSON node in a validation message.</summary>
    public static string Value(JsonNode? node) => node switch
    {
        null => "null",
        JsonValue value when value.TryGetValue(out string? text) => Quote(text),
        _ => node.ToJsonString(),
    };
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>
/// Validates values against a schema, in the words of the API server. With <c>typesOnly</c> it judges what a typed decoder would:
/// that list items are distinct is then checked elsewhere.
/// </summary>
internal sealed class SchemaValidator(FieldErrors errors, bool typesOnly = false)
{
    /// <summary>Validates a value and everything in it.</summary>
    /// <param name="node">The value.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="path">Where it is; empty for the object itself.</param>
    public void Validate(JsonNode? node, Schema schema, string path)
    {
        if (node is null)
        {
            if (!schema.Nullable && schema.Type != SchemaType.Any)
            {
                errors.TypeInvalid(path, "null", $"{path} in body must be of type {TypeName(schema)}: \"null\"");
            }

            return;
        }

        if (!HasType(node, schema.Type))
        {
            var actual = ActualType(node);
            errors.TypeInvalid(path, actual, $"{path} in body must be of type {TypeName(schema)}: \"{actual}\"");
            return;
        }

        switch (node)
        {
            case JsonObject map:
                ValidateMap(map, schema, path);
                break;
            case JsonArray array:
                ValidateArray(array, schema, path);
                break;
            default:
                break;
        }

        if (schema.Limits is { } limits)
        {
            ValidateLimits(node, limits, path);
        }
    }

    /// <summary>Whether a value has a type; integral numbers are integers.</summary>
    public static bool HasType(JsonNode node, SchemaType type) => type switch
    {
        SchemaType.Any => true,
        SchemaType.Object => node is JsonObject,
        SchemaType.Array => node is JsonArray,
        SchemaType.String => node.GetValueKind() == JsonValueKind.String,
        SchemaType.Integer => node.AsInteger() is not null,
        SchemaType.Number => node.GetValueKind() == JsonValueKind.Number,
        SchemaType.Boolean => node.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        _ => node.GetValueKind() == JsonValueKind.String || node.AsInteger() is not null,
    };

    /// <summary>JSON type name of a value, as messages use it.</summary>
    public static string ActualType(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "object",
        JsonArray => "array",
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Number => node.AsInteger() is null ? "number" : "integer",
            _ => "boolean",
        },
    };

    private static string TypeName(Schema schema) => schema.Type switch
    {
        SchemaType.IntOrString => "integer,string",
        _ => schema.Type.ToString().ToLowerInvariant(),
    };

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private void ValidateMap(JsonObject map, Schema schema, string path)
    {
        foreach (var name in typesOnly ? [] : schema.Required)
        {
            if (!map.ContainsKey(name))
            {
                errors.Required(Join(path, name));
            }
        }

        foreach (var (name, value) in map)
        {
            if (schema.Member(name) is { } member && !ReferenceEquals(member, Schema.Anything) && !(schema.IsResource && name == "metadata"))
            {
                Validate(value, member, Join(path, name));
            }
        }
    }

    private void ValidateArray(JsonArray array, Schema schema, string path)
    {
        if (schema.Items is { } items)
        {
            for (var i = 0; i < array.Count; i++)
            {
                Validate(array[i], items, $"{path}[{i}]");
            }
        }

        if (schema.ListKind == ListKind.Atomic || typesOnly)
        {
            return;
        }

        var seen = new HashSet<string>();
        for (var i = 0; i < array.Count; i++)
        {
            var key = schema.ListKind == ListKind.Set ? array[i]?.DeepClone() : KeyOf(array[i] as JsonObject, schema.ListKeys);
            if (!seen.Add(key?.ToJsonString() ?? "null"))
            {
                errors.Duplicate($"{path}[{i}]", key);
            }
        }
    }

    private static JsonObject KeyOf(JsonObject? item, IReadOnlyList<string> keys)
    {
        var result = new JsonObject();
        foreach (var key in keys)
        {
            result[key] = item?[key]?.DeepClone();
        }

        return result;
    }

    private void ValidateLimits(JsonNode node, SchemaLimits limits, string path)
    {
        if (!typesOnly && limits.Enum is { } values && !values.Any(v => JsonNode.DeepEquals(v, node)))
        {
            errors.NotSupported(path, node, values.Select(v => v is JsonValue s && s.TryGetValue<string>(out var t) ? t : v?.ToJsonString() ?? "null"));
        }

        switch (node.GetValueKind())
        {
            case JsonValueKind.String:
                ValidateText(node.GetValue<string>(), limits, path);
                break;
            case JsonValueKind.Number:
                ValidateNumber(node, limits, path);
                break;
            case JsonValueKind.Array:
                ValidateCount(((JsonArray)node).Count, limits.MinItems, limits.MaxItems, "items", path);
                break;
            case JsonValueKind.Object:
                ValidateCount(((JsonObject)node).Count, limits.MinProperties, limits.MaxProperties, "properties", path);
                break;
            default:
                break;
        }
    }

    private void ValidateText(string text, SchemaLimits limits, string path)
    {
        var length = new StringInfo(text).LengthInTextElements;
        if (length < limits.MinLength)
        {
            errors.Invalid(path, text, $"{path} in body should be at least {limits.MinLength} chars long");
        }

        if (length > limits.MaxLength)
        {
            errors.TooLong(path, (int)limits.MaxLength.Value);
        }

        if (limits.Pattern is { } pattern && !Matches(pattern, text))
        {
            errors.Invalid(path, text, $"{path} in body should match '{pattern}'");
        }

        if (limits.Format.Length > 0 && !StringFormats.Accepts(limits.Format, text))
        {
            errors.TypeInvalid(path, text, $"{path} in body must be of type {limits.Format}: \"{text}\"");
        }
    }

    private static bool Matches(Regex pattern, string text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private void ValidateNumber(JsonNode node, SchemaLimits limits, string path)
    {
        var number = node.AsInteger() ?? node.GetValue<double>();
        if (number < limits.Minimum)
        {
            errors.Invalid(path, node, $"{path} in body should be greater than or equal to {Show(limits.Minimum.Value)}");
        }

        if (number > limits.Maximum)
        {
            errors.Invalid(path, node, $"{path} in body should be less than or equal to {Show(limits.Maximum.Value)}");
        }

        if (limits.Format == "int32" && number is < int.MinValue or > int.MaxValue)
        {
            errors.Invalid(path, node, $"{path} in body must be of type int32: \"{Show(number)}\"");
        }
    }

    private static string Show(double number) => number.ToString(CultureInfo.InvariantCulture);

    private void ValidateCount(int count, long? least, long? most, string what, string path)
    {
        if (count < least)
        {
            errors.Invalid(path, count, $"{path} in body should have at least {least} {what}");
        }

        if (count > most)
        {
            errors.TooMany(path, count, (int)most.Value);
        }
    }
}

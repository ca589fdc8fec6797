using System.Globalization;
using System.Text.Json;

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>Validates what a schema says of a value beside its type: length, pattern, format, range, number of items.</summary>
internal sealed class LimitsValidator(FieldErrors errors)
{
    /// <summary>Validates one value.</summary>
    public void Validate(JsonNode node, SchemaLimits limits, string path)
    {
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

        if (limits.Pattern is { } pattern && !pattern.IsMatch(text))
        {
            errors.Invalid(path, text, $"{path} in body should match '{pattern}'");
        }

        if (limits.Format.Length > 0 && !StringFormats.Accepts(limits.Format, text))
        {
            errors.TypeInvalid(path, text, $"{path} in body must be of type {limits.Format}: \"{text}\"");
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

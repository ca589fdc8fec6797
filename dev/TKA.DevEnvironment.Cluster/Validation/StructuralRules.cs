using TKA.DevEnvironment.Cluster.Cel;

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>The rules a CustomResourceDefinition's schema must keep ("Specifying a structural schema").</summary>
internal static class StructuralRules
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    /// <summary>No schema of Kubernetes may say these.</summary>
    private static readonly string[] Unsupported = ["$ref", "definitions", "dependencies", "patternProperties", "id", "additionalItems"];

    /// <summary>Schemas of a real cluster may say these. Here they would be accepted and not enforced.</summary>
    private static readonly string[] NotImplemented =
        ["allOf", "anyOf", "oneOf", "not", "multipleOf", "exclusiveMinimum", "exclusiveMaximum", "x-kubernetes-embedded-resource"];

    /// <summary>Validates the schema of whole objects.</summary>
    public static void Validate(JsonObject schema, string path, FieldErrors errors)
    {
        if (schema.Text("type") != "object")
        {
            if (schema.Text("type").Length == 0)
            {
                errors.Required($"{path}.type", "must not be empty at the root");
            }
            else
            {
                errors.Invalid($"{path}.type", schema.Text("type"), "must be object at the root");
            }
        }

        Visit(schema, path, errors);
        ValidationRules.Compile(schema, path, errors);
    }

    private static void Visit(JsonObject schema, string path, FieldErrors errors)
    {
        ValidateType(schema, path, errors);
        ListTypeRules.Validate(schema, path, errors);
        ValidatePattern(schema, path, errors);
        foreach (var name in Unsupported.Where(name => schema[name] is not null))
        {
            errors.Forbidden($"{path}.{name}", $"{name} is not supported");
        }

        errors.NotImplemented(schema, path, NotImplemented);

        if (schema.Flag("uniqueItems"))
        {
            errors.Forbidden($"{path}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }

        if (schema.Child("properties") is not null && schema["additionalProperties"] is JsonObject)
        {
            errors.Forbidden($"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive");
        }

        ValidateExtensions(schema, path, errors);
        foreach (var (name, value) in schema.Child("properties") ?? [])
        {
            if (value is JsonObject member)
            {
                Visit(member, $"{path}.properties[{name}]", errors);
            }
        }

        if (schema.Child("items") is { } items)
        {
            Visit(items, $"{path}.items", errors);
        }

        if (schema.Child("additionalProperties") is { } values)
        {
            Visit(values, $"{path}.additionalProperties", errors);
        }

        ValidateDefault(schema, path, errors);
    }

    private static void ValidateExtensions(JsonObject schema, string path, FieldErrors errors)
    {
        const string Preserve = "x-kubernetes-preserve-unknown-fields";
        if (schema[Preserve] is JsonValue preserve && !schema.Flag(Preserve))
        {
            errors.Invalid($"{path}.{Preserve}", preserve.DeepClone(), "must be true or undefined");
        }
    }

    private static void ValidateType(JsonObject schema, string path, FieldErrors errors)
    {
        var type = schema.Text("type");
        if (type.Length == 0)
        {
            if (!schema.Flag("x-kubernetes-int-or-string") && !schema.Flag("x-kubernetes-preserve-unknown-fields"))
            {
                errors.Required($"{path}.type", "must not be empty for specified object fields");
            }
        }
        else if (!Types.Contains(type))
        {
            errors.NotSupported($"{path}.type", type, Types);
        }
        else if (type == "array" && schema["items"] is not JsonObject)
        {
            errors.Required($"{path}.items", "must be specified");
        }
    }

    private static void ValidatePattern(JsonObject schema, string path, FieldErrors errors)
    {
        if (schema.Text("pattern") is not { Length: > 0 } pattern)
        {
            return;
        }

        try
        {
            Re2.Compile(pattern);
        }
        catch (FormatException exception)
        {
            errors.Invalid($"{path}.pattern", pattern, $"must be a valid regular expression, but isn't: {exception.Message}");
        }
    }

    private static void ValidateDefault(JsonObject schema, string path, FieldErrors errors)
    {
        if (schema["default"] is not { } value)
        {
            return;
        }

        try
        {
            var found = new FieldErrors();
            new SchemaValidator(found, SchemaScope.Custom).Validate(value, SchemaReader.Read(schema), $"{path}.default");
            foreach (var cause in found.Causes)
            {
                errors.Add(cause);
            }
        }
        catch (FormatException)
        {
            // The invalid pattern has already been reported.
        }
    }
}

using TKA.DevEnvironment.Cluster.Validation.Builtin;

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>Reads the OpenAPI v3 schema of a CustomResourceDefinition.</summary>
internal static class SchemaReader
{
    /// <summary>Reads the schema of whole objects: adds apiVersion, kind and the server's own metadata.</summary>
    public static Schema ReadRoot(JsonObject schema) => Read(schema, isObject: true);

    /// <summary>Reads the schema of a value.</summary>
    public static Schema Read(JsonObject schema, bool isObject = false)
    {
        var properties = new Dictionary<string, Schema>();
        foreach (var (name, value) in schema.Child("properties") ?? [])
        {
            if (value is JsonObject member && !(isObject && name is "metadata"))
            {
                properties[name] = Read(member);
            }
        }

        if (isObject)
        {
            properties["apiVersion"] = new Schema { Type = SchemaType.String };
            properties["kind"] = new Schema { Type = SchemaType.String };
            properties["metadata"] = BuiltinTypes.ObjectMeta;
        }

        return new Schema
        {
            Type = TypeOf(schema),
            Properties = properties,
            AdditionalProperties = schema["additionalProperties"] switch
            {
                JsonObject values => Read(values),
                JsonValue allowed when allowed.TryGetValue<bool>(out var any) && any => Schema.Anything,
                _ => null,
            },
            Items = schema.Child("items") is { } items ? Read(items) : null,
            PreserveUnknown = schema.Flag("x-kubernetes-preserve-unknown-fields"),
            IsResource = isObject,
            Nullable = schema.Flag("nullable"),
            Default = schema["default"]?.DeepClone(),
            Required = [.. schema.Texts("required")],
            ListKind = schema.Text("x-kubernetes-list-type") switch { "set" => ListKind.Set, "map" => ListKind.Map, _ => ListKind.Atomic },
            ListKeys = [.. schema.Texts("x-kubernetes-list-map-keys")],
            AtomicMap = schema.Text("x-kubernetes-map-type") == "atomic",
            Limits = ReadLimits(schema),
        };
    }

    private static SchemaType TypeOf(JsonObject schema) => schema.Text("type") switch
    {
        _ when schema.Flag("x-kubernetes-int-or-string") => SchemaType.IntOrString,
        "object" => SchemaType.Object,
        "array" => SchemaType.Array,
        "string" => SchemaType.String,
        "integer" => SchemaType.Integer,
        "number" => SchemaType.Number,
        "boolean" => SchemaType.Boolean,
        _ => SchemaType.Any,
    };

    private static SchemaLimits? ReadLimits(JsonObject schema)
    {
        var limits = new SchemaLimits
        {
            Enum = schema.Items("enum"),
            Pattern = schema.Text("pattern") is { Length: > 0 } pattern ? Re2.Compile(pattern) : null,
            Format = schema.Text("format"),
            MinLength = schema.Integer("minLength"),
            MaxLength = schema.Integer("maxLength"),
            Minimum = Number(schema, "minimum"),
            Maximum = Number(schema, "maximum"),
            MinItems = schema.Integer("minItems"),
            MaxItems = schema.Integer("maxItems"),
            MinProperties = schema.Integer("minProperties"),
            MaxProperties = schema.Integer("maxProperties"),
        };
        return limits == None ? null : limits;
    }

    private static readonly SchemaLimits None = new();

    private static double? Number(JsonObject schema, string name) =>
        schema[name] is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.Number ? value.GetValue<double>() : null;
}

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Types of structural OpenAPI schemas (https://kubernetes.io/docs/reference/using-api/cel/#type-checking).</summary>
internal static class CelSchema
{
    private static readonly CelType NameOnly = CelType.Object(new Dictionary<string, CelType> { ["name"] = CelType.String, ["generateName"] = CelType.String });

    /// <summary>
    /// The type of values of a schema; at the root, type and name of the object are always there. Null for what expressions cannot have here:
    /// numbers with fractions, and days. Fields of such a type are as good as undefined.
    /// </summary>
    public static CelType? TypeOf(JsonObject schema, bool isResource = false) => (schema.Text("type"), schema.Text("format")) switch
    {
        _ when schema.Flag("x-kubernetes-int-or-string") => CelType.Dyn,
        ("boolean", _) => CelType.Bool,
        ("integer", _) => CelType.Int,
        ("number", _) or ("string", "date") => null,
        ("string", "duration") => CelType.Duration,
        ("string", "date-time") => CelType.Timestamp,
        ("string", _) => CelType.String,
        ("array", _) => TypeOf(schema.Child("items") ?? []) is { } item ? CelType.List(item) : null,
        ("object", _) when schema.Child("additionalProperties") is { } values => TypeOf(values) is { } value ? CelType.Map(value) : null,
        ("object", _) => CelType.Object(Fields(schema, isResource)),
        _ => CelType.Dyn,
    };

    private static Dictionary<string, CelType> Fields(JsonObject schema, bool isResource)
    {
        var fields = new Dictionary<string, CelType>(StringComparer.Ordinal);
        foreach (var (name, property) in schema.Child("properties") ?? [])
        {
            if (property is JsonObject field && CelNames.IsIdentifier(name) && TypeOf(field) is { } type)
            {
                fields[name] = type;
            }
        }

        if (isResource)
        {
            (fields["apiVersion"], fields["kind"], fields["metadata"]) = (CelType.String, CelType.String, NameOnly);
        }

        return fields;
    }
}

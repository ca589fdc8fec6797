namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Types of structural OpenAPI schemas (https://kubernetes.io/docs/reference/using-api/cel/#type-checking).</summary>
internal static class CelSchema
{
    private static readonly JsonObject NameOnly = new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["name"] = new JsonObject { ["type"] = "string" },
            ["generateName"] = new JsonObject { ["type"] = "string" },
        },
    };

    /// <summary>The type of values of a schema; at the root, type and name of the object are always there.</summary>
    public static CelType TypeOf(JsonObject schema, bool isResource = false)
    {
        if (schema.Flag("x-kubernetes-int-or-string"))
        {
            return CelType.Dyn;
        }

        return schema.Text("type") switch
        {
            "boolean" => CelType.Bool,
            "integer" => CelType.Int,
            "number" => CelType.Double,
            "string" => schema.Text("format") switch
            {
                "duration" => CelType.Duration,
                "date" or "date-time" => CelType.Timestamp,
                _ => CelType.String,
            },
            "array" => CelType.List(schema["items"] is JsonObject items ? TypeOf(items) : CelType.Dyn),
            "object" => ObjectType(schema, isResource),
            _ => CelType.Dyn,
        };
    }

    private static CelType ObjectType(JsonObject schema, bool isResource)
    {
        if (schema["additionalProperties"] is JsonObject values)
        {
            return CelType.Map(CelType.String, TypeOf(values));
        }

        var fields = new Dictionary<string, CelType>(StringComparer.Ordinal);
        if (isResource)
        {
            fields["apiVersion"] = CelType.String;
            fields["kind"] = CelType.String;
            fields["metadata"] = TypeOf(NameOnly);
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (isResource && name is "apiVersion" or "kind" or "metadata")
            {
                continue;
            }

            if (property is JsonObject fieldSchema && CelNames.IsIdentifier(name))
            {
                fields[name] = TypeOf(fieldSchema);
            }
        }

        return CelType.Object(fields);
    }
}

using System.Text.Json;

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
        if (IsTrue(schema, "x-kubernetes-int-or-string"))
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

    /// <summary>Whether a schema extension is switched on.</summary>
    public static bool IsTrue(JsonObject schema, string extension) => schema[extension] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    private static CelType ObjectType(JsonObject schema, bool isResource)
    {
        if (schema["additionalProperties"] is JsonObject values)
        {
            return CelType.Map(CelType.String, TypeOf(values));
        }

        var fields = new Dictionary<string, CelField>(StringComparer.Ordinal);
        if (isResource)
        {
            fields["apiVersion"] = new("apiVersion", CelType.String);
            fields["kind"] = new("kind", CelType.String);
            fields["metadata"] = new("metadata", TypeOf(NameOnly));
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (isResource && name is "apiVersion" or "kind" or "metadata")
            {
                continue;
            }

            if (property is JsonObject fieldSchema && CelNames.Escape(name) is { } escaped)
            {
                fields[escaped] = new(name, TypeOf(fieldSchema));
            }
        }

        return CelType.Object(fields);
    }
}

using TKA.DevEnvironment.Cluster.Validation.Builtin;

namespace TKA.DevEnvironment.Cluster.OpenApi;

/// <summary>Collects the schemas of one document: those of the kinds it is about, and all that they refer to.</summary>
internal sealed class OpenApiSchemas
{
    private const string Prefix = "io.k8s.api.";

    private readonly SortedDictionary<string, JsonObject> _schemas = new(StringComparer.Ordinal);

    /// <summary>All schemas collected, by name.</summary>
    public JsonObject ToJson() => new(_schemas.Select(schema => KeyValuePair.Create<string, JsonNode?>(schema.Key, schema.Value)));

    /// <summary>Adds the kind of a resource.</summary>
    public void Add(ResourceDefinition definition)
    {
        var schema = definition.IsCustom ? AddCustom(definition) : AddType(definition.Kind);
        schema["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiPaths.GroupVersionKind(definition));
        var properties = schema.ChildOrNew("properties");
        properties["apiVersion"] = Text("Version of the schema of this object. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources");
        properties["kind"] = Text("Kind of this object. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds");
        // A CustomResourceDefinition says of metadata only that it is an object.
        properties["metadata"] = Reference("ObjectMeta");
    }

    private JsonObject AddCustom(ResourceDefinition definition) =>
        _schemas[$"{string.Join('.', definition.Group.Split('.').Reverse())}.{definition.Version}.{definition.Kind}"] =
            definition.Schema?.DeepClone() as JsonObject ?? new JsonObject { ["type"] = "object" };

    private JsonObject AddType(string type)
    {
        if (_schemas.TryGetValue(Prefix + type, out var known))
        {
            return known;
        }

        // Types refer to themselves, so a type is known before its members are.
        var schema = _schemas[Prefix + type] = new JsonObject { ["type"] = "object", ["description"] = $"{type} is described at https://kubernetes.io/docs/reference/kubernetes-api/" };
        schema["properties"] = new JsonObject(TypeTable.Get(type).Fields.Select(field => KeyValuePair.Create<string, JsonNode?>(field.Name, Property(field.Type))));
        return schema;
    }

    private JsonObject Property(string type) => type switch
    {
        ['[', ']', .. var item] => new() { ["type"] = "array", ["items"] = Property(item) },
        ['{', '}', .. var value] => new() { ["type"] = "object", ["additionalProperties"] = Property(value) },
        "string" or "boolean" or "number" => new() { ["type"] = type },
        "int32" or "int64" => new() { ["type"] = "integer", ["format"] = type },
        "bytes" => new() { ["type"] = "string", ["format"] = "byte" },
        "time" or "microtime" => new() { ["type"] = "string", ["format"] = "date-time" },
        "any" => new() { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
        "quantity" => Union("Quantity"),
        "int-or-string" => Union("IntOrString"),
        _ => Reference(type),
    };

    private JsonObject Reference(string type)
    {
        AddType(type);
        return ReferenceTo(type);
    }

    private JsonObject Union(string name)
    {
        _schemas[Prefix + name] = new JsonObject { ["oneOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "number" }) };
        return ReferenceTo(name);
    }

    private static JsonObject ReferenceTo(string name) => new() { ["$ref"] = $"#/components/schemas/{Prefix}{name}" };

    private static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };
}

using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Registry;
using TKA.DevEnvironment.Cluster.Registry.Core;
using TKA.DevEnvironment.Cluster.Validation.Builtin;

namespace TKA.DevEnvironment.Cluster.OpenApi;

/// <summary>Collects the schemas of one document: those of the kinds it is about, and all that they refer to.</summary>
internal sealed class OpenApiSchemas
{
    /// <summary>Before the name of a schema in <c>$ref</c>.</summary>
    public const string ReferencePrefix = "#/components/schemas/";

    private const string Prefix = "io.k8s.api.";
    private const string GroupVersionKind = "x-kubernetes-group-version-kind";
    private const string ApiVersionText =
        "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";

    private const string KindText =
        "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";

    private readonly SortedDictionary<string, JsonObject> _schemas = new(StringComparer.Ordinal);

    /// <summary>All schemas collected, by name.</summary>
    public JsonObject ToJson() => new(_schemas.Select(schema => KeyValuePair.Create<string, JsonNode?>(schema.Key, schema.Value)));

    /// <summary>Adds the kind of a stored resource and its list; returns the name of the kind's schema.</summary>
    public string Add(ResourceDefinition definition)
    {
        var name = definition.IsCustom
            ? AddCustom(definition)
            : AddKind(definition.Group, definition.Version, definition.Kind, (definition.Strategy as BuiltinStrategy)?.TypeName ?? definition.Kind);
        var list = $"{name}List";
        _schemas.TryAdd(list, Identified(definition.Group, definition.Version, definition.ListKind, new JsonObject
        {
            ["description"] = $"{definition.ListKind} is a list of {definition.Kind}",
            ["type"] = "object",
            ["required"] = new JsonArray("items"),
            ["properties"] = WithTypeMeta(new JsonObject
            {
                ["metadata"] = Reference("ListMeta"),
                ["items"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["$ref"] = ReferencePrefix + name } },
            }),
        }));
        return name;
    }

    /// <summary>Adds the kind of a resource that is only created; returns the name of its schema.</summary>
    public string Add(CreateHandler handler) => AddKind(handler.Group, handler.Version, handler.Kind, handler.Kind);

    private string AddCustom(ResourceDefinition definition)
    {
        var name = $"{string.Join('.', definition.Group.Split('.').Reverse())}.{definition.Version}.{definition.Kind}";
        var schema = definition.Schema?.DeepClone() as JsonObject ?? new JsonObject { ["type"] = "object" };
        var properties = schema["properties"] as JsonObject ?? [];
        schema["properties"] = properties;
        WithTypeMeta(properties);
        // The CustomResourceDefinition says of metadata only that it is an object.
        properties["metadata"] = Reference("ObjectMeta");
        _schemas.TryAdd(name, Identified(definition.Group, definition.Version, definition.Kind, schema));
        return name;
    }

    private string AddKind(string group, string version, string kind, string type)
    {
        AddType(type);
        var schema = _schemas[Prefix + type];
        if (schema.ContainsKey(GroupVersionKind))
        {
            return Prefix + type;
        }

        Identified(group, version, kind, schema);
        schema["description"] = $"{kind} is described at https://kubernetes.io/docs/reference/kubernetes-api/";
        WithTypeMeta((JsonObject)schema["properties"]!);
        return Prefix + type;
    }

    private void AddType(string type)
    {
        if (_schemas.ContainsKey(Prefix + type))
        {
            return;
        }

        var properties = new JsonObject();
        _schemas[Prefix + type] = new JsonObject { ["type"] = "object", ["properties"] = properties };
        foreach (var (field, fieldType) in BuiltinTypes.Fields(type))
        {
            properties[field] = Property(fieldType);
        }
    }

    private JsonObject Property(string type)
    {
        if (type.StartsWith("[]", StringComparison.Ordinal))
        {
            return new JsonObject { ["type"] = "array", ["items"] = Property(type[2..]) };
        }

        if (type.StartsWith("{}", StringComparison.Ordinal))
        {
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = Property(type[2..]) };
        }

        return type switch
        {
            "string" or "boolean" or "number" => new JsonObject { ["type"] = type },
            "int32" or "int64" => new JsonObject { ["type"] = "integer", ["format"] = type },
            "bytes" => new JsonObject { ["type"] = "string", ["format"] = "byte" },
            "time" => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            "any" => new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
            "quantity" => Union("Quantity", "quantity"),
            "int-or-string" => Union("IntOrString", "int-or-string"),
            _ => Reference(type),
        };
    }

    private JsonObject Union(string name, string format)
    {
        _schemas.TryAdd(Prefix + name, new JsonObject
        {
            ["description"] = format,
            ["oneOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "number" }),
        });
        return new JsonObject { ["$ref"] = ReferencePrefix + Prefix + name };
    }

    private JsonObject Reference(string type)
    {
        if (type == "ListMeta" && !BuiltinTypes.Names.Contains(type))
        {
            AddListMeta();
        }
        else
        {
            AddType(type);
        }

        return new JsonObject { ["$ref"] = ReferencePrefix + Prefix + type };
    }

    private void AddListMeta() => _schemas.TryAdd($"{Prefix}ListMeta", new JsonObject
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["continue"] = new JsonObject { ["type"] = "string" },
            ["remainingItemCount"] = new JsonObject { ["type"] = "integer", ["format"] = "int64" },
            ["resourceVersion"] = new JsonObject { ["type"] = "string" },
            ["selfLink"] = new JsonObject { ["type"] = "string" },
        },
    });

    private static JsonObject WithTypeMeta(JsonObject properties)
    {
        properties["apiVersion"] = new JsonObject { ["type"] = "string", ["description"] = ApiVersionText };
        properties["kind"] = new JsonObject { ["type"] = "string", ["description"] = KindText };
        return properties;
    }

    private static JsonObject Identified(string group, string version, string kind, JsonObject schema)
    {
        schema[GroupVersionKind] = new JsonArray(new JsonObject { ["group"] = group, ["kind"] = kind, ["version"] = version });
        return schema;
    }
}

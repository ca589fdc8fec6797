using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Registry;

namespace TKA.DevEnvironment.Cluster.OpenApi;

/// <summary>Describes the paths of resources as far as kubectl reads them: reads and writes of one object, with the kind and the query parameters.</summary>
internal sealed class OpenApiPaths
{
    private static readonly string[] WriteQuery = ["dryRun:string", "fieldManager:string", "fieldValidation:string"];

    private readonly JsonObject _paths = [];

    /// <summary>All paths described.</summary>
    public JsonObject ToJson() => _paths;

    /// <summary>Describes a stored resource whose kind has the schema <paramref name="schema"/>.</summary>
    public void Add(ResourceDefinition definition, string schema)
    {
        var kind = new Kind(definition.Group, definition.Version, definition.Kind, schema);
        var scope = Root(definition.Group, definition.Version) + (definition.Namespaced ? "/namespaces/{namespace}" : "");
        var collection = $"{scope}/{definition.Resource}";
        _paths[collection] = Item(definition.Namespaced, named: false, ("post", Operation(kind, "post", WriteQuery, hasBody: true)));
        _paths[$"{collection}/{{name}}"] = Item(
            definition.Namespaced,
            named: true,
            ("get", Operation(kind, "get", [])),
            ("put", Operation(kind, "put", WriteQuery, hasBody: true)),
            ("patch", Operation(kind, "patch", [.. WriteQuery, "force:boolean"])));
    }

    /// <summary>Describes a resource that is only created.</summary>
    public void Add(CreateHandler handler, string schema)
    {
        var kind = new Kind(handler.Group, handler.Version, handler.Kind, schema);
        var path = $"{Root(handler.Group, handler.Version)}{(handler.Namespaced ? "/namespaces/{namespace}" : "")}/{handler.Resource}";
        if (handler.Subresource.Length > 0)
        {
            path += $"/{{name}}/{handler.Subresource}";
        }

        _paths[path] = Item(handler.Namespaced, handler.Subresource.Length > 0, ("post", Operation(kind, "post", WriteQuery, hasBody: true)));
    }

    private static string Root(string group, string version) => group.Length == 0 ? $"/api/{version}" : $"/apis/{group}/{version}";

    private static JsonObject Item(bool namespaced, bool named, params ReadOnlySpan<(string Method, JsonObject Operation)> operations)
    {
        var item = new JsonObject();
        foreach (var (method, operation) in operations)
        {
            item[method] = operation;
        }

        var parameters = new JsonArray();
        if (namespaced)
        {
            parameters.Add(Parameter("namespace", "path", "string"));
        }

        if (named)
        {
            parameters.Add(Parameter("name", "path", "string"));
        }

        if (parameters.Count > 0)
        {
            item["parameters"] = parameters;
        }

        return item;
    }

    private static JsonObject Operation(Kind kind, string action, IEnumerable<string> query, bool hasBody = false)
    {
        var parameters = new JsonArray();
        foreach (var entry in query.Append("pretty:string"))
        {
            var colon = entry.IndexOf(':', StringComparison.Ordinal);
            parameters.Add(Parameter(entry[..colon], "query", entry[(colon + 1)..]));
        }

        var reference = new JsonObject { ["$ref"] = OpenApiSchemas.ReferencePrefix + kind.Schema };
        var operation = new JsonObject
        {
            ["tags"] = new JsonArray($"{(kind.Group.Length == 0 ? "core" : kind.Group)}_{kind.Version}"),
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = new JsonObject { ["group"] = kind.Group, ["kind"] = kind.Name, ["version"] = kind.Version },
        };
        operation["responses"] = new JsonObject { ["200"] = Content("OK", reference) };
        if (hasBody)
        {
            operation["requestBody"] = Content(null, (JsonObject)reference.DeepClone());
        }

        operation["parameters"] = parameters;
        return operation;
    }

    private static JsonObject Content(string? description, JsonObject schema)
    {
        var content = new JsonObject { ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } } };
        if (description is not null)
        {
            content["description"] = description;
        }

        return content;
    }

    private static JsonObject Parameter(string name, string place, string type)
    {
        var parameter = new JsonObject
        {
            ["name"] = name,
            ["in"] = place,
            ["schema"] = new JsonObject { ["type"] = type, ["uniqueItems"] = true },
        };
        if (place == "path")
        {
            parameter["required"] = true;
        }

        return parameter;
    }

    private sealed record Kind(string Group, string Version, string Name, string Schema);
}

namespace TKA.DevEnvironment.Cluster.OpenApi;

/// <summary>
/// The paths of resources as far as kubectl reads them: <c>explain</c> finds the kind of a resource by its <c>get</c>, and <c>apply</c>
/// leaves validation to a server whose <c>patch</c> takes <c>fieldValidation</c>.
/// </summary>
internal static class OpenApiPaths
{
    private static readonly string[] PatchQuery = ["dryRun", "fieldManager", "fieldValidation"];

    /// <summary>The path of one object of a resource, and what it takes.</summary>
    public static KeyValuePair<string, JsonNode?> Describe(ResourceDefinition definition)
    {
        var root = definition.Group.Length == 0 ? "/api" : $"/apis/{definition.Group}";
        var scope = definition.Namespaced ? "/namespaces/{namespace}" : "";
        return new($"{root}/{definition.Version}{scope}/{definition.Resource}/{{name}}", new JsonObject
        {
            ["get"] = Operation(definition, []),
            ["patch"] = Operation(definition, PatchQuery),
        });
    }

    /// <summary>How documents name a kind.</summary>
    public static JsonObject GroupVersionKind(ResourceDefinition definition) =>
        new() { ["group"] = definition.Group, ["kind"] = definition.Kind, ["version"] = definition.Version };

    private static JsonObject Operation(ResourceDefinition definition, IEnumerable<string> query) => new()
    {
        ["x-kubernetes-group-version-kind"] = GroupVersionKind(definition),
        ["parameters"] = new JsonArray([.. query.Select(name => new JsonObject
        {
            ["name"] = name,
            ["in"] = "query",
            ["schema"] = new JsonObject { ["type"] = "string" },
        })]),
        ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
    };
}

using System.Collections.Immutable;
using System.Security.Cryptography;
using TKA.DevEnvironment.Cluster.Discovery;

namespace TKA.DevEnvironment.Cluster.OpenApi;

/// <summary>A serialized document and the hash clients cache it by.</summary>
internal sealed record OpenApiDocument(byte[] Json, string Hash);

/// <summary>
/// OpenAPI documents of what is served now, built when asked for and kept until the registry changes: <c>kubectl explain</c>,
/// and how kubectl finds out what the server validates.
/// </summary>
internal sealed class OpenApiDocuments(ResourceRegistry registry)
{
    private readonly Lock _gate = new();
    private Dictionary<string, OpenApiDocument> _built = [];
    private ImmutableArray<ResourceDefinition> _all;

    /// <summary><c>/openapi/v3</c>: where the document of each group-version is.</summary>
    public OpenApiDocument Index() => Get("v3", () =>
    {
        var paths = new JsonObject();
        foreach (var (group, version) in GroupVersions())
        {
            var path = group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={GroupVersion(group, version)!.Hash}" };
        }

        return new JsonObject { ["paths"] = paths };
    });

    /// <summary><c>/openapi/v3/apis/{group}/{version}</c>, or null when it is not served.</summary>
    public OpenApiDocument? GroupVersion(string group, string version) =>
        GroupVersions().Contains((group, version)) ? Get($"v3/{group}/{version}", () => Describe(group, version)) : null;

    private JsonObject Describe(string group, string version)
    {
        var definitions = registry.All.Where(definition => definition.Group == group && definition.Version == version).ToList();
        var schemas = new OpenApiSchemas();
        definitions.ForEach(schemas.Add);
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = VersionInfo.GitVersion },
            ["paths"] = new JsonObject(definitions.Select(OpenApiPaths.Describe)),
            ["components"] = new JsonObject { ["schemas"] = schemas.ToJson() },
        };
    }

    private IEnumerable<(string Group, string Version)> GroupVersions() =>
        registry.All.Select(definition => (definition.Group, definition.Version)).Distinct().Order();

    private OpenApiDocument Get(string key, Func<JsonObject> build)
    {
        lock (_gate)
        {
            // A document that a change of the registry overtook while it was built is forgotten here with the others.
            var all = registry.All;
            if (_all != all)
            {
                (_built, _all) = ([], all);
            }

            if (!_built.TryGetValue(key, out var document))
            {
                var json = ObjectJson.Serialize(build());
                _built[key] = document = new OpenApiDocument(json, Convert.ToHexString(SHA512.HashData(json)));
            }

            return document;
        }
    }
}

using System.Security.Cryptography;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Discovery;
using TKA.DevEnvironment.Cluster.Registry;
using TKA.DevEnvironment.Cluster.Storage;

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
    private long _generation = -1;

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
        GroupVersions().Contains((group, version))
            ? Get($"v3/{group}/{version}", () =>
            {
                var (paths, schemas) = Describe(group, version);
                return new JsonObject
                {
                    ["openapi"] = "3.0.0",
                    ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = VersionInfo.Current.GitVersion },
                    ["paths"] = paths,
                    ["components"] = new JsonObject { ["schemas"] = schemas },
                };
            })
            : null;

    private (JsonObject Paths, JsonObject Schemas) Describe(string group, string version)
    {
        var (paths, schemas) = (new OpenApiPaths(), new OpenApiSchemas());
        foreach (var definition in registry.All.Where(definition => definition.Group == group && definition.Version == version))
        {
            paths.Add(definition, schemas.Add(definition));
        }

        foreach (var handler in registry.CreateHandlers.Where(handler => handler.Group == group && handler.Version == version))
        {
            paths.Add(handler, schemas.Add(handler));
        }

        return (paths.ToJson(), schemas.ToJson());
    }

    private IEnumerable<(string Group, string Version)> GroupVersions() =>
        registry.All.Select(definition => (definition.Group, definition.Version))
            .Concat(registry.CreateHandlers.Select(handler => (handler.Group, handler.Version)))
            .Distinct()
            .Order();

    private OpenApiDocument Get(string key, Func<JsonObject> build)
    {
        lock (_gate)
        {
            var generation = registry.Generation;
            if (_generation != generation)
            {
                (_built, _generation) = ([], generation);
            }

            if (_built.TryGetValue(key, out var known))
            {
                return known;
            }

            var json = ObjectJson.Serialize(build());
            var document = new OpenApiDocument(json, Convert.ToHexString(SHA512.HashData(json)));
            // When the registry changed during the build, the document may be outdated and is not cached.
            if (registry.Generation == generation)
            {
                _built[key] = document;
            }

            return document;
        }
    }
}

using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Registry;

namespace TKA.DevEnvironment.Cluster.Discovery;

/// <summary>What discovery says: <c>/api</c>, <c>/apis</c>, groups, versions and their resources.</summary>
internal sealed class DiscoveryDocuments(ResourceRegistry registry)
{
    private static readonly string[] CreateOnly = ["create"];

    /// <summary><c>/api</c>.</summary>
    public static JsonObject CoreVersions(string address) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = address }),
    };

    /// <summary><c>/apis</c>.</summary>
    public JsonObject Groups() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. GroupNames().Where(g => g.Length > 0).Select(Group)]),
    };

    /// <summary><c>/apis/{group}</c>, or null when there is no such group.</summary>
    public JsonObject? GroupDocument(string group)
    {
        if (group.Length == 0 || VersionsOf(group).Count == 0)
        {
            return null;
        }

        var document = new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" };
        foreach (var (name, value) in Group(group))
        {
            document[name] = value?.DeepClone();
        }

        return document;
    }

    /// <summary><c>/api/v1</c> and <c>/apis/{group}/{version}</c>, or null when there is no such version.</summary>
    public JsonObject? Resources(string group, string version)
    {
        var resources = ServedResource.All(registry, group, version).ToList();
        if (resources.Count == 0)
        {
            return null;
        }

        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = new JsonArray([.. resources.SelectMany(r => r.ToResourceList())]),
        };
    }

    /// <summary>All group/version pairs that are served, core first.</summary>
    public IEnumerable<(string Group, string Version)> GroupVersions() =>
        GroupNames().SelectMany(g => VersionsOf(g).Select(v => (g, v)));

    private IEnumerable<string> GroupNames() =>
        registry.All.Select(d => d.Group).Concat(registry.CreateHandlers.Select(h => h.Group)).Distinct();

    private List<string> VersionsOf(string group) =>
        [.. registry.All.Where(d => d.Group == group).Select(d => d.Version)
            .Concat(registry.CreateHandlers.Where(h => h.Group == group).Select(h => h.Version))
            .Distinct()
            .OrderDescending(ApiVersionOrder.Instance)];

    private JsonObject Group(string group)
    {
        var versions = VersionsOf(group);
        return new JsonObject
        {
            ["name"] = group,
            ["versions"] = new JsonArray([.. versions.Select(v => GroupVersion(group, v))]),
            ["preferredVersion"] = GroupVersion(group, versions[0]),
        };
    }

    private static JsonObject GroupVersion(string group, string version) =>
        new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };

    private sealed record ServedResource(
        string Name, string Singular, string Kind, bool Namespaced, IReadOnlyList<string> Verbs,
        IReadOnlyList<string> ShortNames, IReadOnlyList<string> Categories)
    {
        private static readonly string[] StatusVerbs = ["get", "patch", "update"];

        private List<(string Name, string Group, string Version, string Kind, IReadOnlyList<string> Verbs)> Subresources { get; } = [];

        public static IEnumerable<ServedResource> All(ResourceRegistry registry, string group, string version)
        {
            var handlers = registry.CreateHandlers.Where(h => h.Group == group && h.Version == version).ToList();
            foreach (var definition in registry.All.Where(d => d.Group == group && d.Version == version))
            {
                var served = new ServedResource(
                    definition.Resource, definition.Singular, definition.Kind, definition.Namespaced, definition.Verbs, definition.ShortNames, definition.Categories);
                foreach (var subresource in definition.Subresources)
                {
                    served.Subresources.Add(subresource switch
                    {
                        "finalize" => (subresource, group, version, definition.Kind, ["update"]),
                        _ => (subresource, group, version, definition.Kind, StatusVerbs),
                    });
                }

                foreach (var handler in handlers.Where(h => h.Resource == definition.Resource && h.Subresource.Length > 0))
                {
                    var (handlerGroup, handlerVersion) = handler.Kind == "TokenRequest" ? ("authentication.k8s.io", "v1") : (group, version);
                    served.Subresources.Add((handler.Subresource, handlerGroup, handlerVersion, handler.Kind, CreateOnly));
                }

                yield return served;
            }

            foreach (var handler in handlers.Where(h => h.Subresource.Length == 0))
            {
                yield return new ServedResource(
                    handler.Resource, handler.Kind.ToLowerInvariant(), handler.Kind, handler.Namespaced, CreateOnly, [], []);
            }
        }

        public IEnumerable<JsonNode> ToResourceList()
        {
            var main = new JsonObject
            {
                ["name"] = Name,
                ["singularName"] = Singular,
                ["namespaced"] = Namespaced,
                ["kind"] = Kind,
                ["verbs"] = Strings(Verbs),
            };
            AddNames(main);
            yield return main;
            foreach (var (name, group, version, kind, verbs) in Subresources)
            {
                yield return new JsonObject
                {
                    ["name"] = $"{Name}/{name}",
                    ["singularName"] = "",
                    ["namespaced"] = Namespaced,
                    ["group"] = group,
                    ["version"] = version,
                    ["kind"] = kind,
                    ["verbs"] = Strings(verbs),
                };
            }
        }

        private void AddNames(JsonObject target)
        {
            if (ShortNames.Count > 0)
            {
                target["shortNames"] = Strings(ShortNames);
            }

            if (Categories.Count > 0)
            {
                target["categories"] = Strings(Categories);
            }
        }

        private static JsonArray Strings(IReadOnlyList<string> values) => new([.. values.Select(v => JsonValue.Create(v))]);
    }
}

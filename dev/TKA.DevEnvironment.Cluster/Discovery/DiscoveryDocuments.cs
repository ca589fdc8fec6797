namespace TKA.DevEnvironment.Cluster.Discovery;

/// <summary>What discovery says: <c>/api</c>, <c>/apis</c>, groups, versions and their resources.</summary>
internal sealed class DiscoveryDocuments(ResourceRegistry registry)
{
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
}

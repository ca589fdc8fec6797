using System.Globalization;
using System.Text.RegularExpressions;

namespace TKA.DevEnvironment.Cluster.Discovery;

/// <summary>What discovery says: <c>/api</c>, <c>/apis</c>, groups, versions and their resources.</summary>
internal sealed partial class DiscoveryDocuments(ResourceRegistry registry)
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
        ["groups"] = new JsonArray([.. GroupNames().Where(group => group.Length > 0).Select(Group)]),
    };

    /// <summary><c>/apis/{group}</c>, or null when there is no such group.</summary>
    public JsonObject? GroupDocument(string group)
    {
        if (group.Length == 0 || !GroupNames().Contains(group))
        {
            return null;
        }

        var document = Group(group);
        document.Insert(0, "kind", "APIGroup");
        document.Insert(1, "apiVersion", "v1");
        return document;
    }

    /// <summary><c>/api/v1</c> and <c>/apis/{group}/{version}</c>, or null when there is no such version.</summary>
    public JsonObject? Resources(string group, string version)
    {
        var handlers = registry.CreateHandlers.Where(handler => handler.Group == group && handler.Version == version).ToLookup(handler => handler.Subresource.Length > 0);
        JsonNode[] resources =
        [
            .. registry.All.Where(definition => definition.Group == group && definition.Version == version).SelectMany(definition => Stored(definition, handlers[true])),
            .. handlers[false].Select(handler => Resource(handler.Resource, handler.Kind.ToLowerInvariant(), handler.Namespaced, handler.Kind, CreateOnly)),
        ];
        return resources.Length == 0 ? null : new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = new JsonArray(resources),
        };
    }

    /// <summary>All group/version pairs that are served, core first.</summary>
    public IEnumerable<(string Group, string Version)> GroupVersions() =>
        GroupNames().SelectMany(group => VersionsOf(group).Select(version => (group, version)));

    private IEnumerable<string> GroupNames() => Served().Select(served => served.Group).Distinct();

    private IEnumerable<(string Group, string Version)> Served() =>
        registry.All.Select(definition => (definition.Group, definition.Version)).Concat(registry.CreateHandlers.Select(handler => (handler.Group, handler.Version)));

    private List<string> VersionsOf(string group) =>
        [.. Served().Where(served => served.Group == group).Select(served => served.Version).Distinct().OrderByDescending(Priority).ThenBy(version => version, StringComparer.Ordinal)];

    private JsonObject Group(string group)
    {
        var versions = VersionsOf(group);
        return new JsonObject
        {
            ["name"] = group,
            ["versions"] = new JsonArray([.. versions.Select(version => GroupVersion(group, version))]),
            ["preferredVersion"] = GroupVersion(group, versions[0]),
        };
    }

    private static JsonObject GroupVersion(string group, string version) =>
        new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };

    private static IEnumerable<JsonNode> Stored(ResourceDefinition definition, IEnumerable<CreateHandler> subresources) =>
    [
        Resource(definition.Resource, definition.Singular, definition.Namespaced, definition.Kind, definition.Verbs)
            .With("shortNames", definition.ShortNames.ToJsonArray())
            .With("categories", definition.Categories.ToJsonArray()),
        .. definition.Subresources.Select(name =>
            Subresource(definition, name, definition.Group, definition.Version, definition.Kind, name == "finalize" ? ["update"] : ["get", "patch", "update"])),
        .. subresources.Where(handler => handler.Resource == definition.Resource).Select(handler =>
            Subresource(definition, handler.Subresource, handler.KindGroup, handler.Version, handler.Kind, CreateOnly)),
    ];

    private static JsonObject Resource(string name, string singular, bool namespaced, string kind, IEnumerable<string> verbs) => new()
    {
        ["name"] = name,
        ["singularName"] = singular,
        ["namespaced"] = namespaced,
        ["kind"] = kind,
        ["verbs"] = verbs.ToJsonArray(),
    };

    /// <summary>A subresource, whose objects may be of another kind than those of the resource.</summary>
    private static JsonObject Subresource(ResourceDefinition definition, string name, string group, string version, string kind, IEnumerable<string> verbs)
    {
        var resource = Resource($"{definition.Resource}/{name}", "", definition.Namespaced, kind, verbs);
        resource["group"] = group;
        resource["version"] = version;
        return resource;
    }

    /// <summary>Kubernetes' version priority: GA before beta before alpha, then by number; names of another form last.</summary>
    private static (int Stability, int Major, int Minor) Priority(string version)
    {
        var match = VersionForm().Match(version);
        return match.Success ? (match.Groups[2].Value switch { "alpha" => 1, "beta" => 2, _ => 3 }, Number(match.Groups[1]), Number(match.Groups[3])) : default;

        static int Number(Group digits) => int.TryParse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    [GeneratedRegex("^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$")]
    private static partial Regex VersionForm();
}

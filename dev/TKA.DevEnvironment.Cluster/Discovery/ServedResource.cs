namespace TKA.DevEnvironment.Cluster.Discovery;

/// <summary>What discovery says about one resource and its subresources.</summary>
internal sealed record ServedResource(
    string Name, string Singular, string Kind, bool Namespaced, IReadOnlyList<string> Verbs,
    IReadOnlyList<string> ShortNames, IReadOnlyList<string> Categories)
{
    private static readonly string[] CreateOnly = ["create"];
    private static readonly string[] StatusVerbs = ["get", "patch", "update"];

    private List<(string Name, string Group, string Version, string Kind, IReadOnlyList<string> Verbs)> Subresources { get; } = [];

    /// <summary>The resources of a group and version.</summary>
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
                served.Subresources.Add((handler.Subresource, handler.KindGroup, handler.Version, handler.Kind, CreateOnly));
            }

            yield return served;
        }

        foreach (var handler in handlers.Where(h => h.Subresource.Length == 0))
        {
            yield return new ServedResource(
                handler.Resource, handler.Kind.ToLowerInvariant(), handler.Kind, handler.Namespaced, CreateOnly, [], []);
        }
    }

    /// <summary>The entries of an <c>APIResourceList</c>.</summary>
    public IEnumerable<JsonNode> ToResourceList()
    {
        var main = new JsonObject
        {
            ["name"] = Name,
            ["singularName"] = Singular,
            ["namespaced"] = Namespaced,
            ["kind"] = Kind,
            ["verbs"] = Verbs.ToJsonArray(),
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
                ["verbs"] = verbs.ToJsonArray(),
            };
        }
    }

    private void AddNames(JsonObject target)
    {
        if (ShortNames.Count > 0)
        {
            target["shortNames"] = ShortNames.ToJsonArray();
        }

        if (Categories.Count > 0)
        {
            target["categories"] = Categories.ToJsonArray();
        }
    }
}

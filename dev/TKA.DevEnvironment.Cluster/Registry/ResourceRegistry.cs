using System.Collections.Immutable;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>Every resource the server serves: the built-in ones, those of CustomResourceDefinitions, and the create-only ones.</summary>
internal sealed class ResourceRegistry(IReadOnlyList<ResourceDefinition> builtin)
{
    private ImmutableSortedDictionary<string, ResourceDefinition> _custom = ImmutableSortedDictionary.Create<string, ResourceDefinition>(StringComparer.Ordinal);
    private volatile Index _index = new([.. builtin]);

    /// <summary>Everything stored that is served now, in order of discovery. Another array after each change.</summary>
    public ImmutableArray<ResourceDefinition> All => _index.All;

    /// <summary>Resources that are created and never stored.</summary>
    public ImmutableArray<CreateHandler> CreateHandlers { get; private set; } = [];

    /// <summary>Adds the create-only resources; once, while the server is put together.</summary>
    public void AddCreateHandlers(IEnumerable<CreateHandler> handlers) => CreateHandlers = CreateHandlers.AddRange(handlers);

    /// <summary>A resource by path, or null.</summary>
    public ResourceDefinition? Find(string group, string version, string resource) => _index.ByPath.GetValueOrDefault((group, version, resource));

    /// <summary>A resource by the <c>apiVersion</c> and <c>kind</c> of its objects, or null.</summary>
    public ResourceDefinition? FindKind(string apiVersion, string kind) => _index.ByKind.GetValueOrDefault((apiVersion, kind));

    /// <summary>A definition through which the objects of a stored resource can be written, or null.</summary>
    public ResourceDefinition? FindStored(GroupResource storage) => All.FirstOrDefault(definition => definition.GroupResource == storage);

    /// <summary>A create-only resource or subresource, or null.</summary>
    public CreateHandler? FindCreateHandler(string group, string version, string resource, string subresource) => CreateHandlers.FirstOrDefault(handler =>
        handler.Resource == resource && handler.Group == group && handler.Version == version && handler.Subresource == subresource);

    /// <summary>Replaces what one CustomResourceDefinition serves; null for nothing. Called for one definition at a time.</summary>
    public void SetCustom(string definitionName, ResourceDefinition? definition)
    {
        _custom = definition is null ? _custom.Remove(definitionName) : _custom.SetItem(definitionName, definition);
        // A definition with the name of a built-in resource is refused at creation. If one is stored all the same, the built-in resource is served.
        _index = new Index([.. builtin.Concat(_custom.Values).DistinctBy(served => (served.Group, served.Version, served.Resource))]);
    }

    private sealed class Index(ImmutableArray<ResourceDefinition> all)
    {
        public ImmutableArray<ResourceDefinition> All => all;

        public Dictionary<(string Group, string Version, string Resource), ResourceDefinition> ByPath { get; } =
            all.ToDictionary(definition => (definition.Group, definition.Version, definition.Resource));

        public Dictionary<(string ApiVersion, string Kind), ResourceDefinition> ByKind { get; } =
            all.GroupBy(definition => (definition.ApiVersion, definition.Kind)).ToDictionary(group => group.Key, group => group.First());
    }
}

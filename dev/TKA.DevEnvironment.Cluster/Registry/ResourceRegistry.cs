using System.Collections.Immutable;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>Every resource the server serves: the built-in ones, those of CustomResourceDefinitions, and the create-only ones.</summary>
internal sealed class ResourceRegistry
{
    private readonly Lock _gate = new();
    private readonly ImmutableArray<ResourceDefinition> _builtin;
    private State _state;

    public ResourceRegistry(IEnumerable<ResourceDefinition> builtin)
    {
        _builtin = [.. builtin];
        _state = new State(_builtin, [], 1);
    }

    /// <summary>Everything stored that is served now, in order of discovery.</summary>
    public ImmutableArray<ResourceDefinition> All => _state.All;

    /// <summary>Resources that are created and never stored.</summary>
    public ImmutableArray<CreateHandler> CreateHandlers { get; private set; } = [];

    /// <summary>Grows whenever <see cref="All"/> changes.</summary>
    public long Generation => _state.Generation;

    /// <summary>Adds the create-only resources; once, while the server is put together.</summary>
    public void AddCreateHandlers(IEnumerable<CreateHandler> handlers) => CreateHandlers = CreateHandlers.AddRange(handlers);

    /// <summary>A resource by path, or null.</summary>
    public ResourceDefinition? Find(string group, string version, string resource) =>
        _state.ByPath.GetValueOrDefault((group, version, resource));

    /// <summary>A resource by the <c>apiVersion</c> and <c>kind</c> of its objects, or null.</summary>
    public ResourceDefinition? FindKind(string apiVersion, string kind) => _state.ByKind.GetValueOrDefault((apiVersion, kind));

    /// <summary>A definition through which the objects of a stored resource can be written, or null.</summary>
    public ResourceDefinition? FindStored(Storage.GroupResource storage) =>
        _state.All.FirstOrDefault(d => d.GroupResource == storage);

    /// <summary>A create-only resource or subresource, or null.</summary>
    public CreateHandler? FindCreateHandler(string group, string version, string resource, string subresource)
    {
        foreach (var handler in CreateHandlers)
        {
            if (handler.Resource == resource && handler.Group == group && handler.Version == version && handler.Subresource == subresource)
            {
                return handler;
            }
        }

        return null;
    }

    /// <summary>Replaces what one CustomResourceDefinition serves.</summary>
    public void SetCustom(string definitionName, IReadOnlyList<ResourceDefinition> definitions)
    {
        lock (_gate)
        {
            var custom = definitions.Count == 0
                ? _state.Custom.Remove(definitionName)
                : _state.Custom.SetItem(definitionName, [.. definitions]);
            _state = new State(_builtin, custom, _state.Generation + 1);
        }
    }

    private sealed class State
    {
        public State(ImmutableArray<ResourceDefinition> builtin, ImmutableSortedDictionary<string, ImmutableArray<ResourceDefinition>> custom, long generation)
        {
            Custom = custom;
            Generation = generation;

            // A definition with the name of a built-in resource is refused at creation. If one is stored all the same, the built-in resource is served.
            All = [.. builtin.Concat(custom.Values.SelectMany(d => d)).DistinctBy(d => (d.Group, d.Version, d.Resource))];
            ByPath = All.ToDictionary(d => (d.Group, d.Version, d.Resource));
            ByKind = All.GroupBy(d => (d.ApiVersion, d.Kind)).ToDictionary(g => g.Key, g => g.First());
        }

        public State(ImmutableArray<ResourceDefinition> builtin, IEnumerable<KeyValuePair<string, ImmutableArray<ResourceDefinition>>> custom, long generation)
            : this(builtin, ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, custom), generation)
        {
        }

        public ImmutableArray<ResourceDefinition> All { get; }

        public ImmutableSortedDictionary<string, ImmutableArray<ResourceDefinition>> Custom { get; }

        public Dictionary<(string Group, string Version, string Resource), ResourceDefinition> ByPath { get; }

        public Dictionary<(string ApiVersion, string Kind), ResourceDefinition> ByKind { get; }

        public long Generation { get; }
    }
}

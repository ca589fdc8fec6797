using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Tests.Cluster;

/// <summary>Objects without a server, for tests of what only reads them.</summary>
internal sealed class InMemoryObjects : IObjectReader
{
    private readonly Dictionary<(string Group, string Resource), Dictionary<(string Namespace, string Name), JsonObject>> _tables = [];
    private readonly Dictionary<(string Group, string Resource), long> _changes = [];
    private long _version;

    /// <summary>Told of every change: resource, before, after.</summary>
    public Action<GroupResource, Func<JsonObject?>, Func<JsonObject?>>? Changed { get; set; }

    public void Put(string group, string resource, string json)
    {
        var stored = (JsonObject)JsonNode.Parse(json)!;
        var metadata = (JsonObject)stored["metadata"]!;
        var key = ((string?)metadata["namespace"] ?? "", (string)metadata["name"]!);
        var before = Table(group, resource).GetValueOrDefault(key);
        Table(group, resource)[key] = stored;
        _changes[(group, resource)] = ++_version;
        Changed?.Invoke(new GroupResource(group, resource), () => before, () => stored);
    }

    public void Remove(string group, string resource, string @namespace, string name)
    {
        Table(group, resource).Remove((@namespace, name), out var before);
        _changes[(group, resource)] = ++_version;
        Changed?.Invoke(new GroupResource(group, resource), () => before, () => null);
    }

    public JsonObject? Get(string group, string resource, string @namespace, string name) =>
        Table(group, resource).TryGetValue((@namespace, name), out var stored) ? (JsonObject)stored.DeepClone() : null;

    public IReadOnlyList<JsonObject> List(string group, string resource, string @namespace = "") =>
        [.. Table(group, resource).Where(entry => @namespace.Length == 0 || entry.Key.Namespace == @namespace).Select(entry => (JsonObject)entry.Value.DeepClone())];

    public long LastChange(string group, string resource) => _changes.GetValueOrDefault((group, resource));

    private Dictionary<(string Namespace, string Name), JsonObject> Table(string group, string resource)
    {
        if (!_tables.TryGetValue((group, resource), out var table))
        {
            _tables[(group, resource)] = table = [];
        }

        return table;
    }
}

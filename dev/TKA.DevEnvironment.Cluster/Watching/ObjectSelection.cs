using TKA.Contracts.Selectors;
using TKA.DevEnvironment.Cluster.Selection;

namespace TKA.DevEnvironment.Cluster.Watching;

/// <summary>Which objects of a resource a list or watch is about.</summary>
internal sealed class ObjectSelection
{
    private readonly ResourceDefinition _definition;
    private readonly string _namespace;
    private readonly LabelSelector _labels;
    private readonly FieldSelector _fields;

    /// <exception cref="StatusException">400: a field this resource cannot be selected by.</exception>
    public ObjectSelection(ResourceDefinition definition, RequestInfo info, ListOptions options)
    {
        _definition = definition;
        _namespace = definition.Namespaced ? info.Namespace : "";
        _labels = options.Labels;
        _fields = options.Fields;
        foreach (var field in _fields.Fields)
        {
            if (field != "metadata.name" && !(field == "metadata.namespace" && definition.Namespaced) && !definition.Strategy.SelectableFields.Contains(field))
            {
                throw Statuses.BadRequest($"\"{field}\" is not a known field selector: only {string.Join(", ", Known().Order(StringComparer.Ordinal).Select(f => $"\"{f}\""))}");
            }
        }
    }

    /// <summary>Namespace, or empty for all.</summary>
    public string Namespace => _namespace;

    /// <summary>Whether an object is selected.</summary>
    public bool Matches(StoredObject stored)
    {
        if (_namespace.Length > 0 && stored.Namespace != _namespace)
        {
            return false;
        }

        return _labels.Matches(stored.Labels) && (_fields.IsEmpty || _fields.Matches(stored, _definition.Strategy.ReadField));
    }

    private IEnumerable<string> Known() => _definition.Strategy.SelectableFields.Concat(_definition.Namespaced ? ["metadata.name", "metadata.namespace"] : ["metadata.name"]);
}

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>
/// The <c>x-kubernetes-validations</c> of one structural schema
/// (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules), compiled
/// once for the CustomResourceDefinition and evaluated on every write of an object. They run only on objects that the schema
/// itself accepts.
/// </summary>
internal sealed class ValidationRules
{
    private readonly IReadOnlyList<ValidationRule> _rules;
    private readonly Dictionary<string, ValidationRules> _properties = new(StringComparer.Ordinal);
    private readonly ValidationRules? _items;
    private readonly ValidationRules? _additional;
    private readonly string _typeName;

    private ValidationRules(JsonObject schema, string path, bool isRoot, bool correlatable, FieldErrors errors)
    {
        _typeName = schema.Text("type");
        _rules = [];
        if (CelSchema.TypeOf(schema, isRoot) is { } type)
        {
            _rules = ValidationRule.CompileAll(schema, type, path, correlatable, errors);
        }
        else
        {
            errors.NotImplemented(schema, path, "x-kubernetes-validations");
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (property is JsonObject child && Compiled(child, $"{path}.properties[{name}]", correlatable, errors) is { } rules)
            {
                _properties[name] = rules;
            }
        }

        if (schema["additionalProperties"] is JsonObject values)
        {
            _additional = Compiled(values, $"{path}.additionalProperties", correlatable, errors);
        }

        // Items of lists have no identity here, so there is nothing to compare them with.
        if (schema["items"] is JsonObject items)
        {
            _items = Compiled(items, $"{path}.items", correlatable: false, errors);
        }
    }

    /// <summary>Whether there is nothing to check.</summary>
    public bool IsEmpty => _rules.Count == 0 && _properties.Count == 0 && _items is null && _additional is null;

    /// <summary>Compiles the rules of a schema and of all schemas in it.</summary>
    /// <param name="schema">A version's <c>openAPIV3Schema</c>.</param>
    /// <param name="path">Its place in the CustomResourceDefinition, for errors.</param>
    /// <param name="errors">Receives an error for each rule that cannot be compiled; the definition must then be refused.</param>
    public static ValidationRules Compile(JsonObject schema, string path, FieldErrors errors) =>
        new(schema, path, isRoot: true, correlatable: true, errors);

    /// <summary>Evaluates the rules on an object and what it replaces; a cause for each broken rule.</summary>
    public IReadOnlyList<StatusCause> Validate(JsonObject obj, JsonObject? old)
    {
        var causes = new List<StatusCause>();
        if (!IsEmpty)
        {
            Validate(obj, old, "", causes);
        }

        return causes;
    }

    private static ValidationRules? Compiled(JsonObject schema, string path, bool correlatable, FieldErrors errors)
    {
        var rules = new ValidationRules(schema, path, isRoot: false, correlatable, errors);
        return rules.IsEmpty ? null : rules;
    }

    private void Validate(JsonNode? value, JsonNode? old, string path, List<StatusCause> causes)
    {
        if (value is null)
        {
            return;
        }

        foreach (var rule in _rules)
        {
            if (rule.Check(value, old, path, _typeName) is { } cause)
            {
                causes.Add(cause);
            }
        }

        switch (value)
        {
            case JsonObject map:
                foreach (var (name, child) in map)
                {
                    var isProperty = _properties.TryGetValue(name, out var rules);
                    (isProperty ? rules : _additional)?.Validate(child, old.At(name), isProperty ? Join(path, name) : $"{path}[{name}]", causes);
                }

                break;
            case JsonArray list when _items is not null:
                for (var i = 0; i < list.Count; i++)
                {
                    _items.Validate(list[i], null, $"{path}[{i}]", causes);
                }

                break;
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}

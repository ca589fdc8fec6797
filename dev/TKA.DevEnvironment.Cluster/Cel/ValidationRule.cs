namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>One entry of <c>x-kubernetes-validations</c>.</summary>
internal sealed class ValidationRule
{
    private static readonly string[] Reasons = ["FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate"];

    private readonly CelExpression _rule;
    private readonly CelMessage _message;
    private readonly JsonObject _entry;
    private readonly bool _isTransition;

    private ValidationRule(JsonObject entry, CelExpression rule, CelMessage message)
    {
        (_entry, _rule, _message) = (entry, rule, message);
        _isTransition = rule.Uses("oldSelf");
    }

    /// <summary>Compiles the rules of one schema; a rule that cannot be compiled is reported and left out.</summary>
    public static IReadOnlyList<ValidationRule> CompileAll(JsonObject schema, CelType type, string path, bool correlatable, FieldErrors errors)
    {
        var rules = new List<ValidationRule>();
        var entries = schema.Objects("x-kubernetes-validations");
        for (var i = 0; i < entries.Count; i++)
        {
            if (Compile(entries[i], schema, type, $"{path}.x-kubernetes-validations[{i}]", correlatable, errors) is { } rule)
            {
                rules.Add(rule);
            }
        }

        return rules;
    }

    /// <summary>Evaluates the rule on a value; null when it holds or does not apply.</summary>
    public StatusCause? Check(JsonNode value, JsonNode? old, string path, string typeName)
    {
        if (_isTransition && old is null)
        {
            return null;
        }

        var variables = new Dictionary<string, object?> { ["self"] = value, ["oldSelf"] = old };
        try
        {
            if (_rule.Evaluate(variables) is true)
            {
                return null;
            }
        }
        catch (CelException exception)
        {
            var rule = _entry.Text("message") is { Length: > 0 } message ? message : _rule.Source;
            return new(Reasons[0], $"Invalid value: \"{typeName}\": {exception.Message} evaluating rule: {rule}", Field(path));
        }

        var field = Field((path + _entry.Text("fieldPath")).TrimStart('.'));
        var text = _message.For(variables);
        return _entry.Text("reason") switch
        {
            "FieldValueForbidden" => new("FieldValueForbidden", $"Forbidden: {text}", field),
            "FieldValueRequired" => new("FieldValueRequired", $"Required value: {text}", field),
            "FieldValueDuplicate" => new("FieldValueDuplicate", $"Duplicate value{Shown(value)}", field),
            _ => new(Reasons[0], $"Invalid value{Shown(value)}: {text}", field),
        };
    }

    private static ValidationRule? Compile(JsonObject entry, JsonObject schema, CelType type, string path, bool correlatable, FieldErrors errors)
    {
        var before = errors.Causes.Count;
        if (entry.Text("fieldPath") is { Length: > 0 } fieldPath && !LeadsSomewhere(schema, fieldPath))
        {
            errors.Invalid($"{path}.fieldPath", fieldPath, "must be a valid path");
        }

        if (entry.Text("reason") is { Length: > 0 } reason && !Reasons.Contains(reason))
        {
            errors.NotSupported($"{path}.reason", reason, Reasons.Order(StringComparer.Ordinal));
        }

        if (entry.Flag("optionalOldSelf"))
        {
            errors.Forbidden($"{path}.optionalOldSelf", "the embedded cluster does not implement it");
        }

        var environment = new CelEnvironment(("self", type), ("oldSelf", type));
        var source = entry.Text("rule");
        var rule = CelExpression.Compile(source, environment, CelType.Bool, $"{path}.rule", errors);
        var message = CelMessage.Read(entry, $"failed rule: {source}", path, environment, errors);
        if (rule is not null && rule.Uses("oldSelf") && !correlatable)
        {
            errors.Invalid($"{path}.rule", source, "oldSelf cannot be used on the uncorrelatable portion of the schema");
        }

        return errors.Causes.Count == before && rule is not null ? new(entry, rule, message) : null;
    }

    /// <summary>Whether a path such as <c>.spec.name</c> names a field; other forms of it are not understood.</summary>
    private static bool LeadsSomewhere(JsonObject schema, string path) =>
        path.Split('.') is ["", .. var names]
        && names.Aggregate((JsonObject?)schema, (field, name) => field.Child("properties").Child(name) ?? field.Child("additionalProperties")) is not null;

    // Objects and lists are left out: they may be long, and the field says which it is.
    private static string Shown(JsonNode value) => value is JsonValue ? $": {value.ToJsonString(ObjectJson.SerializerOptions)}" : "";

    // The real server's name for the object itself.
    private static string Field(string path) => path.Length > 0 ? path : "<nil>";
}

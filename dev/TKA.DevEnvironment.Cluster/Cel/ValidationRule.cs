namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>One entry of <c>x-kubernetes-validations</c>.</summary>
internal sealed class ValidationRule
{
    private static readonly string[] Reasons = ["FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate"];

    private readonly CelExpression _rule;
    private readonly CelExpression? _messageExpression;
    private readonly string _message;
    private readonly string _reason;
    private readonly string _fieldPath;
    private readonly bool _isTransition;

    private ValidationRule(JsonObject entry, CelExpression rule, CelExpression? messageExpression)
    {
        _rule = rule;
        _messageExpression = messageExpression;
        _message = entry.Text("message");
        _reason = entry.Text("reason") is { Length: > 0 } reason ? reason : Reasons[0];
        _fieldPath = entry.Text("fieldPath");
        _isTransition = rule.Uses("oldSelf");
    }

    /// <summary>Compiles the rules of one schema; what cannot be compiled becomes a cause and is left out.</summary>
    public static IReadOnlyList<ValidationRule> CompileAll(JsonObject schema, CelType type, string path, bool correlatable, List<StatusCause> errors)
    {
        if (schema["x-kubernetes-validations"] is not JsonArray { Count: > 0 } entries)
        {
            return [];
        }

        var rules = new List<ValidationRule>();
        for (var i = 0; i < entries.Count; i++)
        {
            var at = $"{path}.x-kubernetes-validations[{i}]";
            if (entries[i] is JsonObject entry && Compile(entry, schema, type, at, correlatable, errors) is { } rule)
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
            var rule = _message.Length > 0 ? _message : _rule.Source;
            return new(Reasons[0], $"Invalid value: \"{typeName}\": {exception.Message} evaluating rule: {rule}", Field(path));
        }

        var field = Field((path + _fieldPath).TrimStart('.'));
        var message = Message(variables);
        return _reason switch
        {
            "FieldValueForbidden" => new(_reason, $"Forbidden: {message}", field),
            "FieldValueRequired" => new(_reason, $"Required value: {message}", field),
            "FieldValueDuplicate" => new(_reason, $"Duplicate value{Shown(value)}", field),
            _ => new(Reasons[0], $"Invalid value{Shown(value)}: {message}", field),
        };
    }

    // Objects and lists are left out: they may be long, and the field says which it is.
    private static string Shown(JsonNode value) => value is JsonValue ? $": {value.ToJsonString(ObjectJson.SerializerOptions)}" : "";

    private static ValidationRule? Compile(JsonObject entry, JsonObject schema, CelType type, string path, bool correlatable, List<StatusCause> errors)
    {
        var before = errors.Count;
        var source = entry.Text("rule");
        if (source.Trim().Length == 0)
        {
            errors.Add(new("FieldValueRequired", "Required value: rule is not specified", $"{path}.rule"));
        }

        if (entry.Text("message").Contains('\n', StringComparison.Ordinal))
        {
            errors.Add(new("FieldValueInvalid", $"Invalid value: {entry["message"]!.ToJsonString()}: message must not contain line breaks", $"{path}.message"));
        }

        if (entry["message"] is not null && entry.Text("message").Trim().Length == 0)
        {
            errors.Add(new("FieldValueInvalid", $"Invalid value: {entry["message"]!.ToJsonString()}: must be non-empty if specified", $"{path}.message"));
        }

        if (entry.Text("fieldPath") is { Length: > 0 } fieldPath && SchemaPath.Find(schema, fieldPath) is null)
        {
            errors.Add(new("FieldValueInvalid", $"Invalid value: {Show(fieldPath)}: must be a valid path", $"{path}.fieldPath"));
        }

        if (entry.Text("reason") is { Length: > 0 } reason && !Reasons.Contains(reason))
        {
            var supported = string.Join(", ", Reasons.Order(StringComparer.Ordinal).Select(known => $"\"{known}\""));
            errors.Add(new("FieldValueNotSupported", $"Unsupported value: \"{reason}\": supported values: {supported}", $"{path}.reason"));
        }

        if (CelSchema.IsTrue(entry, "optionalOldSelf"))
        {
            errors.Add(new("FieldValueForbidden", "Forbidden: the embedded cluster does not implement it", $"{path}.optionalOldSelf"));
        }

        var environment = new CelEnvironment(("self", type), ("oldSelf", type));
        var rule = source.Trim().Length > 0 ? Compile(source, environment, CelType.Bool, $"{path}.rule", errors) : null;
        var messageExpression = entry.Text("messageExpression") is { Length: > 0 } text
            ? Compile(text, environment, CelType.String, $"{path}.messageExpression", errors)
            : null;
        if (rule is not null && rule.Uses("oldSelf") && !correlatable)
        {
            errors.Add(new("FieldValueInvalid", $"Invalid value: {Show(source)}: oldSelf cannot be used on the uncorrelatable portion of the schema", $"{path}.rule"));
        }

        return errors.Count == before && rule is not null ? new(entry, rule, messageExpression) : null;
    }

    private static CelExpression? Compile(string source, CelEnvironment environment, CelType result, string path, List<StatusCause> errors)
    {
        try
        {
            var expression = CelExpression.Compile(source, environment);
            if (expression.Type.FitsInto(result))
            {
                return expression;
            }

            var article = result.Kind == CelKind.Bool ? "cel expression must evaluate to a bool" : "messageExpression must evaluate to a string";
            errors.Add(new("FieldValueInvalid", $"Invalid value: {Show(source)}: {article}", path));
        }
        catch (CelException exception)
        {
            errors.Add(new("FieldValueInvalid", $"Invalid value: {Show(source)}: compilation failed: {exception.Message}", path));
        }

        return null;
    }

    private string Message(Dictionary<string, object?> variables)
    {
        // A message expression that fails, or gives nothing to show, falls back to the fixed message.
        try
        {
            if (_messageExpression?.Evaluate(variables) is string text && text.Trim().Length > 0 && !text.Contains('\n', StringComparison.Ordinal))
            {
                return text;
            }
        }
        catch (CelException)
        {
        }

        return _message.Length > 0 ? _message : $"failed rule: {_rule.Source}";
    }

    // The real server's name for the object itself.
    private static string Field(string path) => path.Length > 0 ? path : "<nil>";

    private static string Show(string source) => JsonValue.Create(source).ToJsonString();
}

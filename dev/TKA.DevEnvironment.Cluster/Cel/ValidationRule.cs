namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>One entry of <c>x-kubernetes-validations</c>.</summary>
internal sealed class ValidationRule
{
    private const string Invalid = "FieldValueInvalid";
    private readonly CelExpression _rule;
    private readonly string _message;
    private readonly bool _isTransition;

    private ValidationRule(CelExpression rule, string message)
    {
        (_rule, _message) = (rule, message);
        _isTransition = rule.Uses("oldSelf");
    }

    /// <summary>Compiles the rules of one schema; a rule that cannot be compiled is reported and left out.</summary>
    public static IReadOnlyList<ValidationRule> CompileAll(JsonObject schema, CelType type, string path, bool correlatable, FieldErrors errors) =>
    [
        .. schema.Objects("x-kubernetes-validations").Index()
            .Select(entry => Compile(entry.Item, type, $"{path}.x-kubernetes-validations[{entry.Index}]", correlatable, errors))
            .OfType<ValidationRule>(),
    ];

    /// <summary>Evaluates the rule on a value; null when it holds or does not apply.</summary>
    public StatusCause? Check(JsonNode value, JsonNode? old, string path, string typeName)
    {
        if (_isTransition && old is null)
        {
            return null;
        }

        // The real server's name for the object itself.
        var field = path.Length > 0 ? path : "<nil>";
        try
        {
            // Objects and lists are left out of the message: they may be long, and the field says which it is.
            var shown = value is JsonValue ? $": {value.ToJsonString(ObjectJson.SerializerOptions)}" : "";
            return _rule.Evaluate(new Dictionary<string, object?> { ["self"] = value, ["oldSelf"] = old }) is true
                ? null
                : new(Invalid, $"Invalid value{shown}: {(_message.Length > 0 ? _message : $"failed rule: {_rule.Source}")}", field);
        }
        catch (CelException exception)
        {
            return new(Invalid, $"Invalid value: \"{typeName}\": {exception.Message} evaluating rule: {(_message.Length > 0 ? _message : _rule.Source)}", field);
        }
    }

    private static ValidationRule? Compile(JsonObject entry, CelType type, string path, bool correlatable, FieldErrors errors)
    {
        var before = errors.Causes.Count;
        var source = entry.Text("rule");
        var rule = CelExpression.Compile(source, new CelEnvironment(("self", type), ("oldSelf", type)), CelType.Bool, $"{path}.rule", errors);
        var message = CelMessage.Read(entry, "", path, errors);
        errors.NotImplemented(entry, path, "fieldPath", "reason", "optionalOldSelf");
        if (rule is not null && rule.Uses("oldSelf") && !correlatable)
        {
            errors.Invalid($"{path}.rule", source, "oldSelf cannot be used on the uncorrelatable portion of the schema, nor here in the items of any list");
        }

        return errors.Causes.Count == before && rule is not null ? new(rule, message) : null;
    }
}

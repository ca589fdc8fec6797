using TKA.DevEnvironment.Cluster.Cel;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>Compiles the expressions of a ValidatingAdmissionPolicy, collecting what is wrong with them by field.</summary>
internal sealed class PolicyCompiler(bool hasParams, FieldErrors errors)
{
    private readonly List<(string Name, CelType Type)> _composed = [];
    private readonly HashSet<string> _conditionNames = new(StringComparer.Ordinal);

    /// <summary>One of <c>spec.matchConditions</c>.</summary>
    public CelExpression? Condition(JsonObject condition, int index)
    {
        var path = $"spec.matchConditions[{index}]";
        var name = condition.Text("name");
        if (name.Length == 0)
        {
            errors.Required($"{path}.name");
        }
        else if (NameRules.QualifiedName(name) is { } problem)
        {
            errors.Invalid($"{path}.name", name, problem);
        }
        else if (!_conditionNames.Add(name))
        {
            errors.Duplicate($"{path}.name", name);
        }

        return Compile(condition.Text("expression"), AdmissionVariables.Conditions(hasParams), CelType.Bool, $"{path}.expression");
    }

    /// <summary><c>spec.variables</c>, each of which may use those before it.</summary>
    public IReadOnlyList<(string Name, CelExpression Expression)> Variables(IReadOnlyList<JsonObject> variables)
    {
        var compiled = new List<(string, CelExpression)>();
        for (var i = 0; i < variables.Count; i++)
        {
            var (name, path) = (variables[i].Text("name"), $"spec.variables[{i}]");
            if (name.Length == 0)
            {
                errors.Required($"{path}.name");
            }
            else if (!CelNames.IsIdentifier(name))
            {
                errors.Invalid($"{path}.name", name, "name is not a valid CEL identifier");
            }
            else if (_composed.Any(known => known.Name == name))
            {
                errors.Duplicate($"{path}.name", name);
            }

            if (Compile(variables[i].Text("expression"), Environment(), CelType.Dyn, $"{path}.expression") is not { } expression)
            {
                continue;
            }

            compiled.Add((name, expression));
            _composed.Add((name, expression.Type));
        }

        return compiled;
    }

    /// <summary>One of <c>spec.validations</c>; compile variables first.</summary>
    public AdmissionPolicy.Validation? Validation(JsonObject validation, int index)
    {
        var path = $"spec.validations[{index}]";
        var (message, reason) = (validation.Text("message"), validation.Text("reason"));
        if (message.Contains('\n', StringComparison.Ordinal))
        {
            errors.Invalid($"{path}.message", message, "message must not contain line breaks");
        }

        if (validation["message"] is not null && message.Trim().Length == 0)
        {
            errors.Invalid($"{path}.message", message, "must be non-empty if specified");
        }

        var expression = Compile(validation.Text("expression"), Environment(), CelType.Bool, $"{path}.expression");
        var messageExpression = validation.Text("messageExpression") is { Length: > 0 } text
            ? Compile(text, Environment(), CelType.String, $"{path}.messageExpression")
            : null;
        return expression is null ? null : new(expression, messageExpression, message, reason.Length > 0 ? reason : "Invalid");
    }

    private CelEnvironment Environment() => AdmissionVariables.Validations(hasParams, _composed);

    private CelExpression? Compile(string source, CelEnvironment environment, CelType result, string path)
    {
        if (source.Trim().Length == 0)
        {
            errors.Required(path, "expression is not specified");
            return null;
        }

        try
        {
            var expression = CelExpression.Compile(source, environment);
            // A dyn result is accepted only where the result may be anything.
            if (result.Kind == CelKind.Dyn || expression.Type.Kind == result.Kind)
            {
                return expression;
            }

            errors.Invalid(path, source, $"must evaluate to {result} but got {expression.Type}");
        }
        catch (CelException exception)
        {
            errors.Invalid(path, source, $"compilation failed: {exception.Message}");
        }

        return null;
    }
}

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
        var (path, source) = ($"spec.validations[{index}]", validation.Text("expression"));
        var expression = Compile(source, Environment(), CelType.Bool, $"{path}.expression");
        var message = CelMessage.Read(validation, $"failed expression: {source.Trim()}", path, errors);
        return expression is null ? null : new(expression, message, validation.Text("reason") is { Length: > 0 } reason ? reason : "Invalid");
    }

    private CelEnvironment Environment() => AdmissionVariables.Validations(hasParams, _composed);

    private CelExpression? Compile(string source, CelEnvironment environment, CelType result, string path) =>
        CelExpression.Compile(source, environment, result, path, errors);
}

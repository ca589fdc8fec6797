namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>
/// A compiled expression of the Common Expression Language (https://github.com/google/cel-spec), for CRD validation rules and
/// admission policies. Safe to evaluate from many threads; one evaluation does a bounded amount of work.
/// </summary>
internal sealed class CelExpression
{
    private readonly CelEnvironment _environment;
    private readonly CelProgram _program;

    private CelExpression(string source, CelEnvironment environment) =>
        (Source, _environment, _program) = (source, environment, CelCompiler.Compile(source, CelParser.Parse(source), environment));

    /// <summary>Text of the expression.</summary>
    public string Source { get; }

    /// <summary>Type of the result, <c>dyn</c> when not known before evaluation.</summary>
    public CelType Type => _program.Code.Type;

    /// <summary>Compiles an expression.</summary>
    /// <exception cref="CelException">The text is not CEL, uses what is not declared or this subset lacks, or its types do not fit.</exception>
    public static CelExpression Compile(string source, CelEnvironment environment) => new(source, environment);

    /// <summary>Compiles an expression of an object, or adds what is wrong with it and returns null.</summary>
    /// <param name="source">Text of the expression.</param>
    /// <param name="environment">Variables.</param>
    /// <param name="result">What the expression must give; <c>dyn</c> for anything.</param>
    /// <param name="path">Place of the expression in the object.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static CelExpression? Compile(string source, CelEnvironment environment, CelType result, string path, FieldErrors errors)
    {
        if (source.Trim().Length == 0)
        {
            errors.Required(path, "expression is not specified");
            return null;
        }

        try
        {
            var expression = Compile(source, environment);
            if (result.Kind == CelKind.Dyn || expression.Type.Kind == result.Kind)
            {
                return expression;
            }

            errors.Invalid(path, source, $"cel expression must evaluate to a {result}");
        }
        catch (CelException exception)
        {
            errors.Invalid(path, source, $"compilation failed: {exception.Message}");
        }

        return null;
    }

    /// <summary>Whether the expression reads a variable.</summary>
    public bool Uses(string variable) => _program.Variables.Contains(variable);

    /// <summary>Evaluates with JSON or CEL values; variables that are not given are null.</summary>
    /// <exception cref="CelException">No such key, no such overload, too much work, ...</exception>
    public object? Evaluate(IReadOnlyDictionary<string, object?> variables)
    {
        var slots = new object?[_program.Slots];
        for (var i = 0; i < _environment.Variables.Count; i++)
        {
            var (name, type) = _environment.Variables[i];
            var value = variables.GetValueOrDefault(name);
            slots[i] = value is JsonNode json ? CelValues.FromJson(json, type) : value;
        }

        try
        {
            return _program.Code.Run(new CelFrame(slots));
        }
        catch (CelCostException exception)
        {
            throw new CelException(exception.Message);
        }
    }
}

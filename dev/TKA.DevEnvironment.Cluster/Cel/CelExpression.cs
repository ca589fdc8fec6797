namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>
/// A compiled expression of the Common Expression Language (https://github.com/google/cel-spec), for CRD validation rules and
/// admission policies. Safe to evaluate from many threads; one evaluation does a bounded amount of work.
/// </summary>
internal sealed class CelExpression
{
    private readonly CelEnvironment _environment;
    private readonly Func<CelFrame, object?> _run;
    private readonly int _slots;
    private readonly CelNode _syntax;

    private CelExpression(string source, CelEnvironment environment)
    {
        Source = source;
        _environment = environment;
        _syntax = CelParser.Parse(source);
        (var code, _slots) = CelCompiler.Compile(source, _syntax, environment);
        (Type, _run) = (code.Type, code.Run);
    }

    /// <summary>Text of the expression.</summary>
    public string Source { get; }

    /// <summary>Type of the result, <c>dyn</c> when not known before evaluation.</summary>
    public CelType Type { get; }

    /// <summary>Compiles an expression over <c>self</c> and <c>oldSelf</c> of unknown type.</summary>
    /// <exception cref="CelException">The text is not CEL, or uses a function or variable that this subset lacks.</exception>
    public static CelExpression Compile(string source) => new(source, CelEnvironment.Default);

    /// <summary>Compiles an expression over declared variables.</summary>
    /// <exception cref="CelException">The text is not CEL, uses what is not declared, or its types do not fit.</exception>
    public static CelExpression Compile(string source, CelEnvironment environment) => new(source, environment);

    /// <summary>Whether the expression reads a variable.</summary>
    public bool Uses(string variable) => Uses(_syntax, variable);

    /// <summary>Evaluates with JSON values; variables that are not given are null.</summary>
    /// <exception cref="CelException">No such key, no such overload, division by zero, too much work, ...</exception>
    public object? Evaluate(IReadOnlyDictionary<string, JsonNode?> variables) =>
        Evaluate(variables.ToDictionary(pair => pair.Key, pair => (object?)pair.Value, StringComparer.Ordinal));

    /// <summary>Evaluates with JSON or CEL values; variables that are not given are null.</summary>
    /// <exception cref="CelException">No such key, no such overload, division by zero, too much work, ...</exception>
    public object? Evaluate(IReadOnlyDictionary<string, object?> variables)
    {
        var slots = new object?[_slots];
        for (var i = 0; i < _environment.Variables.Count; i++)
        {
            var (name, type) = _environment.Variables[i];
            var value = variables.GetValueOrDefault(name);
            slots[i] = value is JsonNode json ? CelValues.FromJson(json, type) : value;
        }

        try
        {
            return _run(new CelFrame(slots));
        }
        catch (CelCostException exception)
        {
            throw new CelException(exception.Message);
        }
    }

    private static bool Uses(CelNode node, string variable) => node switch
    {
        CelIdentifier identifier => identifier.Name == variable,
        CelSelect select => Uses(select.Operand, variable),
        CelIndex index => Uses(index.Operand, variable) || Uses(index.Index, variable),
        CelCall call => (call.Target is not null && Uses(call.Target, variable)) || call.Arguments.Any(argument => Uses(argument, variable)),
        CelLogical logical => Uses(logical.Left, variable) || Uses(logical.Right, variable),
        CelConditional conditional => Uses(conditional.Condition, variable) || Uses(conditional.Then, variable) || Uses(conditional.Else, variable),
        CelListLiteral list => list.Items.Any(item => Uses(item, variable)),
        CelComprehension macro => Uses(macro.Range, variable) || (macro.Condition is not null && Uses(macro.Condition, variable)) || Uses(macro.Body, variable),
        _ => false,
    };
}

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>A checked expression: its type, and how to compute it.</summary>
internal readonly record struct CelCode(CelType Type, Func<CelFrame, object?> Run);

/// <summary>A compiled expression.</summary>
/// <param name="Code">How to compute it.</param>
/// <param name="Slots">Slots a frame needs.</param>
/// <param name="Variables">Variables of the environment that it reads.</param>
internal sealed record CelProgram(CelCode Code, int Slots, IReadOnlySet<string> Variables);

/// <summary>
/// Checks types and turns the syntax tree into delegates in one pass. What is not known to be wrong passes (type
/// <c>dyn</c>) and is checked again when evaluated.
/// </summary>
internal sealed partial class CelCompiler
{
    private readonly string _source;
    private readonly List<(string Name, CelType Type)> _variables;
    private readonly HashSet<string> _read = [];
    private readonly int _declared;
    private int _slots;

    private CelCompiler(string source, CelEnvironment environment)
    {
        _source = source;
        _variables = [.. environment.Variables];
        _declared = _slots = _variables.Count;
    }

    /// <summary>Compiles a syntax tree.</summary>
    /// <exception cref="CelException">Undeclared names, unknown functions or wrong types.</exception>
    public static CelProgram Compile(string source, CelNode node, CelEnvironment environment)
    {
        var compiler = new CelCompiler(source, environment);
        var code = compiler.Visit(node);
        return new CelProgram(code, compiler._slots, compiler._read);
    }

    private CelCode Visit(CelNode node) => node switch
    {
        CelLiteral literal => new(TypeOf(literal.Value), _ => literal.Value),
        CelIdentifier identifier => Identifier(identifier),
        CelSelect select => Select(select),
        CelIndex index => Index(index),
        CelLogical logical => Logical(logical),
        CelConditional conditional => Conditional(conditional),
        CelListLiteral list => List(list),
        CelComprehension comprehension => Comprehension(comprehension),
        CelCall { Function: "_==_" or "_!=_" } equality => Equality(equality),
        CelCall call => Call(call),
        _ => throw new InvalidOperationException($"unknown node {node}"),
    };

    private CelCode Identifier(CelIdentifier identifier)
    {
        var slot = _variables.FindLastIndex(variable => variable.Name == identifier.Name);
        if (slot < 0)
        {
            throw Error(identifier, $"undeclared reference to '{identifier.Name}' (in container '')");
        }

        if (slot < _declared)
        {
            _read.Add(identifier.Name);
        }

        return new(_variables[slot].Type, frame => frame.Slots[slot]);
    }

    private static CelType TypeOf(object? value) => CelValues.KindOf(value) switch
    {
        CelKind.Null => CelType.Null,
        CelKind.Bool => CelType.Bool,
        CelKind.Int => CelType.Int,
        _ => CelType.String,
    };

    private CelException NoOverload(CelNode node, string function, CelType[] types, bool isMethod)
    {
        var applied = isMethod ? $"{types[0]}.({string.Join(", ", types.Skip(1))})" : $"({string.Join(", ", types)})";
        return Error(node, $"found no matching overload for '{(function == "_in_" ? "@in" : function)}' applied to '{applied}'");
    }

    private CelException Error(CelNode node, string problem) => CelException.At(_source, node.Position, problem);
}

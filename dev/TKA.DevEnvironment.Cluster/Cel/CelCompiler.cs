using TKA.DevEnvironment.Cluster.Cel.Functions;

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

    private CelCode Call(CelCall call)
    {
        var nodes = call.Target is null ? call.Arguments : [call.Target, .. call.Arguments];
        CelCode[] arguments = [.. nodes.Select(Visit)];
        CelType[] types = [.. arguments.Select(argument => argument.Type)];
        var overloads = CelLibrary.Find(call.Function, call.Target is not null);
        if (overloads.Length == 0)
        {
            throw Error(call, $"undeclared reference to '{call.Function}' (in container '')");
        }

        CelOverload[] possible = [.. overloads.Where(overload => overload.Accepts(types))];
        if (possible.Length == 0)
        {
            throw NoOverload(call, call.Function, types, call.Target is not null);
        }

        if (call.Function == "_in_")
        {
            CheckMembership(call, types);
        }

        CheckLiteral(call, nodes);

        var type = possible.All(overload => overload.Result.ToString() == possible[0].Result.ToString()) ? possible[0].Result : CelType.Dyn;
        return new(type, frame => Invoke(call.Function, possible, arguments, frame));
    }

    private static object? Invoke(string function, CelOverload[] overloads, CelCode[] arguments, CelFrame frame)
    {
        var values = new object?[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = arguments[i].Run(frame);
        }

        foreach (var overload in overloads)
        {
            if (!overload.AcceptsValues(values))
            {
                continue;
            }

            frame.Spend(1);
            var result = overload.Run(values);

            // The cost grows with the size of the data, so that nested concatenations reach the limit before the memory is full.
            foreach (var value in values)
            {
                frame.Spend(SizeCost(value));
            }

            frame.Spend(SizeCost(result));
            return result;
        }

        throw new CelException($"no such overload: {function}");
    }

    private static long SizeCost(object? value) => value switch
    {
        string text => text.Length / 10,
        object?[] list => list.Length,
        _ => 0,
    };

    private CelCode Equality(CelCall call)
    {
        var (left, right) = (Visit(call.Arguments[0]), Visit(call.Arguments[1]));
        if (CelType.Join(left.Type, right.Type) is null)
        {
            throw NoOverload(call, call.Function, [left.Type, right.Type], isMethod: false);
        }

        var wanted = call.Function == "_==_";
        return new(CelType.Bool, frame =>
        {
            frame.Spend(1);
            return CelValues.AreEqual(left.Run(frame), right.Run(frame)) == wanted;
        });
    }

    private void CheckMembership(CelCall call, CelType[] types)
    {
        var element = types[1].Kind switch
        {
            CelKind.List => types[1].Element,
            CelKind.Map => types[1].Key,
            _ => CelType.Dyn,
        };
        if (CelType.Join(types[0], element) is null)
        {
            throw NoOverload(call, "_in_", types, isMethod: false);
        }
    }

    /// <summary>Literals that can never be right are refused now, as the real server does.</summary>
    private void CheckLiteral(CelCall call, IReadOnlyList<CelNode> nodes)
    {
        if (call.Function is not ("matches" or "duration" or "timestamp"))
        {
            return;
        }

        var index = call.Function is "duration" or "timestamp" ? 0 : 1;
        if (nodes.Count <= index || nodes[index] is not CelLiteral { Value: string text } literal)
        {
            return;
        }

        try
        {
            _ = call.Function switch
            {
                "duration" => (object)CelTime.ParseDuration(text),
                "timestamp" => CelTime.ParseTimestamp(text),
                _ => CelRegex.Compile(text),
            };
        }
        catch (CelException exception)
        {
            throw Error(literal, $"invalid {call.Function} argument: {exception.Message}");
        }
    }

    private static CelType TypeOf(object? value) => CelValues.KindOf(value) switch
    {
        CelKind.Null => CelType.Null,
        CelKind.Bool => CelType.Bool,
        CelKind.Int => CelType.Int,
        CelKind.Double => CelType.Double,
        _ => CelType.String,
    };

    private CelException NoOverload(CelNode node, string function, CelType[] types, bool isMethod)
    {
        var applied = isMethod ? $"{types[0]}.({string.Join(", ", types.Skip(1))})" : $"({string.Join(", ", types)})";
        return Error(node, $"found no matching overload for '{(function == "_in_" ? "@in" : function)}' applied to '{applied}'");
    }

    private CelException Error(CelNode node, string problem) => CelException.At(_source, node.Position, problem);
}

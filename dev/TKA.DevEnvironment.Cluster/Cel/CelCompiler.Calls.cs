namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Functions, methods and operators.</summary>
internal sealed partial class CelCompiler
{
    private CelCode Call(CelCall call)
    {
        var overloads = CelLibrary.Find(call.Function, call.Target is not null);
        if (overloads.Length == 0)
        {
            throw Error(call, $"undeclared reference to '{call.Function}' (in container '')");
        }

        var nodes = call.Target is null ? call.Arguments : [call.Target, .. call.Arguments];
        CelCode[] arguments = [.. nodes.Select(Visit)];
        CelType[] types = [.. arguments.Select(argument => argument.Type)];
        CelOverload[] possible = [.. overloads.Where(overload => overload.Accepts(types))];
        if (possible.Length == 0)
        {
            throw NoOverload(call, call.Function, types, call.Target is not null);
        }

        if (call.Function == "_in_")
        {
            CheckMembership(call, types);
        }

        CheckLiterals(call, nodes);

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
            CelKind.Map => CelType.String,
            _ => CelType.Dyn,
        };
        if (CelType.Join(types[0], element) is null)
        {
            throw NoOverload(call, "_in_", types, isMethod: false);
        }
    }

    /// <summary>Literals that can never be right are refused now, as the real server does.</summary>
    private void CheckLiterals(CelCall call, IReadOnlyList<CelNode> nodes)
    {
        if (nodes[^1] is not CelLiteral { Value: string text } literal)
        {
            return;
        }

        try
        {
            CelLibrary.CheckLiteral(call.Function, text);
        }
        catch (CelException exception)
        {
            throw Error(literal, $"invalid {call.Function} argument: {exception.Message}");
        }
    }
}

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Conditions and comprehensions.</summary>
internal sealed partial class CelCompiler
{
    private CelCode Logical(CelLogical logical)
    {
        var (left, right) = (Visit(logical.Left), Visit(logical.Right));
        if (!left.Type.FitsInto(CelType.Bool) || !right.Type.FitsInto(CelType.Bool))
        {
            throw NoOverload(logical, logical.IsAnd ? "_&&_" : "_||_", [left.Type, right.Type], isMethod: false);
        }

        // false decides &&, true decides ||, even when the other side fails.
        var decisive = !logical.IsAnd;
        return new(CelType.Bool, frame =>
        {
            frame.Spend(1);
            CelException? error = null;
            foreach (var side in (ReadOnlySpan<CelCode>)[left, right])
            {
                try
                {
                    if (Bool(side.Run(frame)) == decisive)
                    {
                        return decisive;
                    }
                }
                catch (CelException exception)
                {
                    error ??= exception;
                }
            }

            return error is null ? !decisive : throw error;
        });
    }

    private CelCode Conditional(CelConditional conditional)
    {
        var (condition, then, otherwise) = (Visit(conditional.Condition), Visit(conditional.Then), Visit(conditional.Else));
        var type = CelType.Join(then.Type, otherwise.Type);
        if (type is null || !condition.Type.FitsInto(CelType.Bool))
        {
            throw NoOverload(conditional, "_?_:_", [condition.Type, then.Type, otherwise.Type], isMethod: false);
        }

        return new(type, frame => Bool(condition.Run(frame)) ? then.Run(frame) : otherwise.Run(frame));
    }

    private CelCode Comprehension(CelComprehension macro)
    {
        var range = Visit(macro.Range);
        var item = range.Type.Kind switch
        {
            CelKind.List => range.Type.Element,
            CelKind.Map => CelType.String,
            CelKind.Dyn => CelType.Dyn,
            _ => throw Error(macro.Range, $"expression of type '{range.Type}' cannot be range of a comprehension (must be list, map, or dynamic)"),
        };

        var slot = Declare(macro.Variable, item);
        var body = Visit(macro.Body);
        _variables.RemoveAt(slot);
        if (macro.Macro != CelMacro.Map && !body.Type.FitsInto(CelType.Bool))
        {
            throw Error(macro.Body, $"expected type 'bool' but found '{body.Type}'");
        }

        return macro.Macro switch
        {
            CelMacro.All => new(CelType.Bool, frame => Quantify(frame, range, slot, body, decisive: false)),
            CelMacro.Exists => new(CelType.Bool, frame => Quantify(frame, range, slot, body, decisive: true)),
            CelMacro.Filter => new(CelType.List(item), frame => Each(frame, range, slot).Where(_ => Bool(body.Run(frame))).ToArray()),
            _ => new(CelType.List(body.Type), frame => Each(frame, range, slot).Select(_ => body.Run(frame)).ToArray()),
        };
    }

    private int Declare(string variable, CelType type)
    {
        _variables.Add((variable, type));
        _slots = Math.Max(_slots, _variables.Count);
        return _variables.Count - 1;
    }

    private static bool Quantify(CelFrame frame, CelCode range, int slot, CelCode body, bool decisive)
    {
        CelException? error = null;
        foreach (var _ in Each(frame, range, slot))
        {
            try
            {
                if (Bool(body.Run(frame)) == decisive)
                {
                    return decisive;
                }
            }
            catch (CelException exception)
            {
                error = exception;
            }
        }

        return error is null ? !decisive : throw error;
    }

    private static IEnumerable<object?> Each(CelFrame frame, CelCode range, int slot)
    {
        IEnumerable<object?> items = range.Run(frame) switch
        {
            IReadOnlyList<object?> list => (IEnumerable<object?>)list,
            ICelMap map => map.Keys,
            _ => throw new CelException("no such overload"),
        };
        foreach (var item in items)
        {
            frame.Spend(1);
            frame.Slots[slot] = item;
            yield return item;
        }
    }

    private static bool Bool(object? value) => value as bool? ?? throw new CelException("no such overload");
}

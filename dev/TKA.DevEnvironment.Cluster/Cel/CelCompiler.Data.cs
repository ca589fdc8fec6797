namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Access to lists, maps and objects, and list literals.</summary>
internal sealed partial class CelCompiler
{
    private CelCode Select(CelSelect select)
    {
        var operand = Visit(select.Operand);
        var type = FieldType(select, operand.Type);
        var field = select.Field;
        if (select.Test)
        {
            return new(CelType.Bool, frame => Has(operand.Run(frame), field));
        }

        return new(type, frame =>
        {
            frame.Spend(1);
            var value = operand.Run(frame);
            return TryMember(value, field, out var member) ? member : throw NoSuchKey(value, field);
        });
    }

    private CelType FieldType(CelSelect select, CelType type)
    {
        switch (type.Kind)
        {
            case CelKind.Dyn:
                return CelType.Dyn;
            case CelKind.Map:
                return type.Element;
            case CelKind.Object:
                return type.Fields!.TryGetValue(select.Field, out var field) ? field : throw Error(select, $"undefined field '{select.Field}'");
            default:
                throw Error(select, $"type '{type}' does not support field selection");
        }
    }

    private CelCode Index(CelIndex index)
    {
        var (operand, key) = (Visit(index.Operand), Visit(index.Index));
        var container = operand.Type;
        var fits = container.Kind switch
        {
            CelKind.Dyn => true,
            CelKind.List => key.Type.FitsInto(CelType.Int),
            CelKind.Map => key.Type.FitsInto(CelType.String),
            _ => false,
        };
        if (!fits)
        {
            throw NoOverload(index, "_[_]", [container, key.Type], isMethod: false);
        }

        var type = container.Kind == CelKind.Dyn ? CelType.Dyn : container.Element;
        return new(type, frame =>
        {
            frame.Spend(1);
            var (value, at) = (operand.Run(frame), key.Run(frame));
            return TryMember(value, at, out var member) ? member : throw NoSuchKey(value, at);
        });
    }

    private CelCode List(CelListLiteral list)
    {
        CelCode[] items = [.. list.Items.Select(Visit)];
        var element = CelType.Dyn;
        for (var i = 0; i < items.Length; i++)
        {
            element = i == 0
                ? items[i].Type
                : CelType.Join(element, items[i].Type) ?? throw Error(list, $"expected type '{element}' but found '{items[i].Type}'");
        }

        return new(CelType.List(element), frame =>
        {
            frame.Spend(items.Length + 1);
            return (object?[])[.. items.Select(item => item.Run(frame))];
        });
    }

    private static bool Has(object? value, string field) => value is ICelMap ? TryMember(value, field, out _) : throw new CelException("no such overload");

    private static bool TryMember(object? value, object? key, out object? member)
    {
        member = null;
        switch (value, key)
        {
            case (ICelMap map, string name):
                return map.TryGet(name, out member);
            case (ICelMap, _):
                return false;
            case (IReadOnlyList<object?> list, long index):
                member = index >= 0 && index < list.Count ? list[(int)index] : null;
                return index >= 0 && index < list.Count;
            default:
                throw new CelException("no such overload");
        }
    }

    private static CelException NoSuchKey(object? container, object? key) =>
        container is ICelMap ? new($"no such key: {key}") : new($"index out of bounds: {key}");
}

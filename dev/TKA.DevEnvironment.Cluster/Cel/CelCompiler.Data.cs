namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Access to and construction of lists, maps and objects.</summary>
internal sealed partial class CelCompiler
{
    private CelCode Select(CelSelect select)
    {
        var operand = Visit(select.Operand);
        var isOptional = operand.Type.Kind == CelKind.Optional;
        var type = FieldType(select, isOptional ? operand.Type.Element : operand.Type);
        var field = select.Field;
        if (select.Test)
        {
            return new(CelType.Bool, frame => Has(operand.Run(frame), field));
        }

        if (select.Optional || isOptional)
        {
            return new(CelType.Optional(type), frame => OptionalMember(operand.Run(frame), field));
        }

        return new(type, frame =>
        {
            frame.Spend(1);
            var value = operand.Run(frame);
            if (value is CelOptional)
            {
                return OptionalMember(value, field);
            }

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
                return type.Fields!.TryGetValue(select.Field, out var field) ? field.Type : throw Error(select, $"undefined field '{select.Field}'");
            default:
                throw Error(select, $"type '{type}' does not support field selection");
        }
    }

    private CelCode Index(CelIndex index)
    {
        var (operand, key) = (Visit(index.Operand), Visit(index.Index));
        var isOptional = operand.Type.Kind == CelKind.Optional;
        var container = isOptional ? operand.Type.Element : operand.Type;
        var fits = container.Kind switch
        {
            CelKind.Dyn => true,
            CelKind.List => key.Type.FitsInto(CelType.Int),
            CelKind.Map => key.Type.FitsInto(container.Key),
            _ => false,
        };
        if (!fits)
        {
            throw NoOverload(index, "_[_]", [container, key.Type], isMethod: false);
        }

        var type = container.Kind == CelKind.Dyn ? CelType.Dyn : container.Element;
        if (index.Optional || isOptional)
        {
            return new(CelType.Optional(type), frame => OptionalMember(operand.Run(frame), key.Run(frame)));
        }

        return new(type, frame =>
        {
            frame.Spend(1);
            var (value, at) = (operand.Run(frame), key.Run(frame));
            if (value is CelOptional)
            {
                return OptionalMember(value, at);
            }

            return TryMember(value, at, out var member) ? member : throw NoSuchKey(value, at);
        });
    }

    private CelCode List(CelListLiteral list)
    {
        CelCode[] items = [.. list.Items.Select(item => Visit(item.Value))];
        bool[] optional = [.. list.Items.Select(item => item.Optional)];
        var element = Homogeneous(list, items.Select((item, i) => optional[i] ? item.Type.Element : item.Type));
        return new(CelType.List(element), frame =>
        {
            frame.Spend(items.Length + 1);
            var values = new List<object?>(items.Length);
            for (var i = 0; i < items.Length; i++)
            {
                var value = items[i].Run(frame);
                if (!optional[i])
                {
                    values.Add(value);
                }
                else if (Require(value) is { HasValue: true } some)
                {
                    values.Add(some.Value);
                }
            }

            return values.ToArray();
        });
    }

    private CelCode Map(CelMapLiteral map)
    {
        (CelCode Key, CelCode Value, bool Optional)[] entries = [.. map.Entries.Select(entry => (Visit(entry.Key), Visit(entry.Value), entry.Optional))];
        var key = Homogeneous(map, entries.Select(entry => entry.Key.Type));
        var element = Homogeneous(map, entries.Select(entry => entry.Optional ? entry.Value.Type.Element : entry.Value.Type));
        return new(CelType.Map(key, element), frame =>
        {
            frame.Spend(entries.Length + 1);
            var values = new Dictionary<object, object?>(entries.Length);
            foreach (var entry in entries)
            {
                var name = entry.Key.Run(frame) ?? throw new CelException("unsupported key type: null_type");
                var value = entry.Value.Run(frame);
                if (entry.Optional)
                {
                    if (Require(value) is not { HasValue: true } some)
                    {
                        continue;
                    }

                    value = some.Value;
                }

                if (!values.TryAdd(name, value))
                {
                    throw new CelException($"Failed with repeated key: {name}");
                }
            }

            return new CelMap(values);
        });
    }

    private CelType Homogeneous(CelNode node, IEnumerable<CelType> types)
    {
        CelType? common = null;
        foreach (var type in types)
        {
            var joined = common is null ? type : CelType.Join(common, type);
            common = joined ?? throw Error(node, $"expected type '{common}' but found '{type}'");
        }

        return common ?? CelType.Dyn;
    }

    private static bool Has(object? value, string field) => value switch
    {
        ICelMap => TryMember(value, field, out _),
        CelOptional optional => optional.HasValue && Has(optional.Value, field),
        _ => throw new CelException("no such overload"),
    };

    private static CelOptional OptionalMember(object? value, object? key)
    {
        if (value is CelOptional optional)
        {
            if (!optional.HasValue)
            {
                return CelOptional.None;
            }

            value = optional.Value;
        }

        return TryMember(value, key, out var member) ? CelOptional.Of(member) : CelOptional.None;
    }

    private static bool TryMember(object? value, object? key, out object? member)
    {
        member = null;
        switch (value)
        {
            case ICelMap map:
                return key is not null && (map.TryGet(key, out member) || (key is string name && map.TryGet(CelNames.Unescape(name), out member)));
            case IReadOnlyList<object?> list:
                long? position = key switch
                {
                    long index => index,
                    ulong index and <= int.MaxValue => (long)index,
                    double index when index == Math.Floor(index) => (long)index,
                    _ => null,
                };
                if (position is null)
                {
                    throw new CelException("no such overload");
                }

                if (position < 0 || position >= list.Count)
                {
                    return false;
                }

                member = list[(int)position];
                return true;
            default:
                throw new CelException("no such overload");
        }
    }

    private static CelException NoSuchKey(object? container, object? key) =>
        container is ICelMap ? new($"no such key: {key}") : new($"index out of bounds: {key}");

    private static CelOptional Require(object? value) => value as CelOptional ?? throw new CelException("no such overload");
}

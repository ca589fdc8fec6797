using static TKA.DevEnvironment.Cluster.Cel.CelType;

namespace TKA.DevEnvironment.Cluster.Cel.Functions;

/// <summary>Arithmetic and order. Integers never wrap around: overflow is an error.</summary>
internal static class OperatorFunctions
{
    private static readonly CelType[] Numbers = [Int, CelType.Double];

    public static IEnumerable<CelOverload> All { get; } =
    [
        .. Arithmetic("_+_", (a, b) => checked(a + b), (a, b) => a + b),
        .. Arithmetic("_-_", (a, b) => checked(a - b), (a, b) => a - b),
        .. Arithmetic("_*_", (a, b) => checked(a * b), (a, b) => a * b),
        .. Arithmetic("_/_", (a, b) => checked(a / b), (a, b) => a / b),
        Binary("_%_", Int, Int, Int, (a, b) => (long)b! == -1 ? 0L : (long)a! % (long)b!),
        Unary("-_", Int, Int, a => checked(-(long)a!)),
        Unary("-_", CelType.Double, CelType.Double, a => -(double)a!),
        Unary("!_", Bool, Bool, a => !(bool)a!),

        Binary("_+_", CelType.String, CelType.String, CelType.String, (a, b) => (string)a! + (string)b!),
        Binary("_+_", AnyList, AnyList, AnyList, (a, b) => (object?[])[.. (IReadOnlyList<object?>)a!, .. (IReadOnlyList<object?>)b!])
            with { ResultOf = types => Join(types[0], types[1]) ?? AnyList },
        Binary("_+_", Duration, Duration, Duration, (a, b) => new CelDuration(checked(Nanoseconds(a) + Nanoseconds(b)))),
        Binary("_-_", Duration, Duration, Duration, (a, b) => new CelDuration(checked(Nanoseconds(a) - Nanoseconds(b)))),
        Binary("_+_", Timestamp, Duration, Timestamp, (a, b) => ((DateTimeOffset)a!).AddTicks(Nanoseconds(b) / 100)),
        Binary("_+_", Duration, Timestamp, Timestamp, (a, b) => ((DateTimeOffset)b!).AddTicks(Nanoseconds(a) / 100)),
        Binary("_-_", Timestamp, Duration, Timestamp, (a, b) => ((DateTimeOffset)a!).AddTicks(-Nanoseconds(b) / 100)),
        Binary("_-_", Timestamp, Timestamp, Duration, (a, b) => new CelDuration(checked(((DateTimeOffset)a! - (DateTimeOffset)b!).Ticks * 100))),

        .. Order("_<_", order => order < 0),
        .. Order("_<=_", order => order <= 0),
        .. Order("_>_", order => order > 0),
        .. Order("_>=_", order => order >= 0),

        Binary("_in_", Dyn, AnyList, Bool, (a, b) => ((IReadOnlyList<object?>)b!).Any(item => CelValues.AreEqual(item, a))),
        Binary("_in_", Dyn, AnyMap, Bool, (a, b) => a is not null && ((ICelMap)b!).TryGet(a, out _)),
    ];

    private static IEnumerable<CelOverload> Arithmetic(
        string name, Func<long, long, long> ints, Func<double, double, double> doubles) =>
    [
        Binary(name, Int, Int, Int, (a, b) => ints((long)a!, (long)b!)),
        Binary(name, CelType.Double, CelType.Double, CelType.Double, (a, b) => doubles((double)a!, (double)b!)),
    ];

    private static IEnumerable<CelOverload> Order(string name, Func<int, bool> holds)
    {
        foreach (var left in Numbers)
        {
            foreach (var right in Numbers)
            {
                yield return Binary(name, left, right, Bool, (a, b) => CelValues.CompareNumbers(a!, b!) is { } order && holds(order));
            }
        }

        yield return Binary(name, Bool, Bool, Bool, (a, b) => holds(((bool)a!).CompareTo((bool)b!)));
        yield return Binary(name, CelType.String, CelType.String, Bool, (a, b) => holds(CompareText((string)a!, (string)b!)));
        yield return Binary(name, Duration, Duration, Bool, (a, b) => holds(Nanoseconds(a).CompareTo(Nanoseconds(b))));
        yield return Binary(name, Timestamp, Timestamp, Bool, (a, b) => holds(((DateTimeOffset)a!).CompareTo((DateTimeOffset)b!)));
    }

    // By code point, which differs from UTF-16 order above U+FFFF.
    private static int CompareText(string left, string right)
    {
        using var rights = right.EnumerateRunes().GetEnumerator();
        foreach (var rune in left.EnumerateRunes())
        {
            if (!rights.MoveNext())
            {
                return 1;
            }

            if (rune != rights.Current)
            {
                return rune.CompareTo(rights.Current);
            }
        }

        return rights.MoveNext() ? -1 : 0;
    }

    private static long Nanoseconds(object? duration) => ((CelDuration)duration!).Nanoseconds;

    private static CelOverload Unary(string name, CelType operand, CelType result, Func<object?, object?> run) =>
        new(name, false, [operand], result, arguments => run(arguments[0]));

    private static CelOverload Binary(string name, CelType left, CelType right, CelType result, Func<object?, object?, object?> run) =>
        new(name, false, [left, right], result, arguments => run(arguments[0], arguments[1]));
}

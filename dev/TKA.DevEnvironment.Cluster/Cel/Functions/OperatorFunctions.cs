using System.Text;
using static TKA.DevEnvironment.Cluster.Cel.CelType;

namespace TKA.DevEnvironment.Cluster.Cel.Functions;

/// <summary>Order, membership, negation, and concatenation of strings. There is no arithmetic.</summary>
internal static class OperatorFunctions
{
    private static readonly CelType[] Numbers = [Int, CelType.Double];

    public static IEnumerable<CelOverload> All { get; } =
    [
        Unary("!_", Bool, Bool, a => !(bool)a!),

        Binary("_+_", CelType.String, CelType.String, CelType.String, (a, b) => (string)a! + (string)b!),

        .. Order("_<_", order => order < 0),
        .. Order("_<=_", order => order <= 0),
        .. Order("_>_", order => order > 0),
        .. Order("_>=_", order => order >= 0),

        Binary("_in_", Dyn, AnyList, Bool, (a, b) => ((IReadOnlyList<object?>)b!).Any(item => CelValues.AreEqual(item, a))),
        Binary("_in_", Dyn, AnyMap, Bool, (a, b) => a is not null && ((ICelMap)b!).TryGet(a, out _)),
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

        foreach (var type in (CelType[])[Bool, Duration, Timestamp])
        {
            yield return Binary(name, type, type, Bool, (a, b) => holds(((IComparable)a!).CompareTo(b)));
        }

        yield return Binary(name, CelType.String, CelType.String, Bool, (a, b) => holds(CompareText((string)a!, (string)b!)));
    }

    // By code point, as the bytes of UTF-8 are ordered.
    private static int CompareText(string left, string right) =>
        Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));

    private static CelOverload Unary(string name, CelType operand, CelType result, Func<object?, object?> run) =>
        new(name, false, [operand], result, arguments => run(arguments[0]));

    private static CelOverload Binary(string name, CelType left, CelType right, CelType result, Func<object?, object?, object?> run) =>
        new(name, false, [left, right], result, arguments => run(arguments[0], arguments[1]));
}

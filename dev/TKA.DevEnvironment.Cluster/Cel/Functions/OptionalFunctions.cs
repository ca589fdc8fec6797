using static TKA.DevEnvironment.Cluster.Cel.CelType;

namespace TKA.DevEnvironment.Cluster.Cel.Functions;

/// <summary>Values that may be absent: <c>optional.of</c>, <c>orValue</c> and friends.</summary>
internal static class OptionalFunctions
{
    public static IEnumerable<CelOverload> All { get; } =
    [
        new("optional.none", false, [], AnyOptional, _ => CelOptional.None),
        new("optional.of", false, [Dyn], AnyOptional, a => CelOptional.Of(a[0])) { ResultOf = types => CelType.Optional(types[0]) },
        new("optional.ofNonZeroValue", false, [Dyn], AnyOptional, a => IsZero(a[0]) ? CelOptional.None : CelOptional.Of(a[0])) { ResultOf = types => CelType.Optional(types[0]) },
        new("hasValue", true, [AnyOptional], Bool, a => ((CelOptional)a[0]!).HasValue),
        new("value", true, [AnyOptional], Dyn, a => a[0] is CelOptional { HasValue: true } some ? some.Value : throw new CelException("optional.none() dereference"))
        {
            ResultOf = types => types[0].Kind == CelKind.Optional ? types[0].Element : Dyn,
        },
        new("orValue", true, [AnyOptional, Dyn], Dyn, a => a[0] is CelOptional { HasValue: true } some ? some.Value : a[1])
        {
            ResultOf = types => types[0].Kind == CelKind.Optional ? Join(types[0].Element, types[1]) ?? Dyn : Dyn,
        },
        new("or", true, [AnyOptional, AnyOptional], AnyOptional, a => a[0] is CelOptional { HasValue: true } ? a[0] : a[1]) { ResultOf = types => types[0] },
    ];

    private static bool IsZero(object? value) => value switch
    {
        null or false or 0L or 0UL or 0D or "" => true,
        byte[] bytes => bytes.Length == 0,
        IReadOnlyList<object?> list => list.Count == 0,
        ICelMap map => map.Count == 0,
        CelDuration duration => duration.Nanoseconds == 0,
        _ => false,
    };
}

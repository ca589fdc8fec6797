using static TKA.DevEnvironment.Cluster.Cel.CelType;

namespace TKA.DevEnvironment.Cluster.Cel.Functions;

/// <summary>Methods of values that may be absent, as <c>object.?field</c> and <c>list[?index]</c> give them.</summary>
internal static class OptionalFunctions
{
    public static IEnumerable<CelOverload> All { get; } =
    [
        new("hasValue", true, [AnyOptional], Bool, a => ((CelOptional)a[0]!).HasValue),
        new("value", true, [AnyOptional], Dyn, a => a[0] is CelOptional { HasValue: true } some ? some.Value : throw new CelException("optional.none() dereference"))
        {
            ResultOf = types => types[0].Kind == CelKind.Optional ? types[0].Element : Dyn,
        },
        new("orValue", true, [AnyOptional, Dyn], Dyn, a => a[0] is CelOptional { HasValue: true } some ? some.Value : a[1])
        {
            ResultOf = types => types[0].Kind == CelKind.Optional ? Join(types[0].Element, types[1]) ?? Dyn : Dyn,
        },
    ];
}

using static TKA.DevEnvironment.Cluster.Cel.CelType;

namespace TKA.DevEnvironment.Cluster.Cel.Functions;

/// <summary>Sizes, Kubernetes' list functions and the sets extension.</summary>
internal static class ListFunctions
{
    public static IEnumerable<CelOverload> All { get; } =
    [
        new("size", true, [AnyList], Int, a => (long)Items(a[0]).Count),
        new("size", false, [AnyList], Int, a => (long)Items(a[0]).Count),
        new("size", true, [AnyMap], Int, a => (long)((ICelMap)a[0]!).Count),
        new("size", false, [AnyMap], Int, a => (long)((ICelMap)a[0]!).Count),
        new("isSorted", true, [AnyList], Bool, a => Items(a[0]).Zip(Items(a[0]).Skip(1)).All(pair => Holds("_<=_", pair.First, pair.Second))),
        new("min", true, [AnyList], Dyn, a => Extreme(Items(a[0]), "_<_", "min")) { ResultOf = types => types[0].Kind == CelKind.List ? types[0].Element : Dyn },
        new("max", true, [AnyList], Dyn, a => Extreme(Items(a[0]), "_>_", "max")) { ResultOf = types => types[0].Kind == CelKind.List ? types[0].Element : Dyn },
        new("sum", true, [AnyList], Dyn, a => Sum(Items(a[0]))) { ResultOf = types => types[0].Kind == CelKind.List ? types[0].Element : Dyn },
        new("indexOf", true, [AnyList, Dyn], Int, a => (long)Positions(a).FirstOrDefault(-1)),
        new("lastIndexOf", true, [AnyList, Dyn], Int, a => (long)Positions(a).LastOrDefault(-1)),
        new("sets.contains", false, [AnyList, AnyList], Bool, a => Contains(Items(a[0]), Items(a[1]))),
        new("sets.equivalent", false, [AnyList, AnyList], Bool, a => Contains(Items(a[0]), Items(a[1])) && Contains(Items(a[1]), Items(a[0]))),
        new("sets.intersects", false, [AnyList, AnyList], Bool, a => Items(a[0]).Any(item => Contains(Items(a[1]), [item]))),
    ];

    private static IReadOnlyList<object?> Items(object? list) => (IReadOnlyList<object?>)list!;

    private static bool Contains(IReadOnlyList<object?> list, IReadOnlyList<object?> wanted) =>
        wanted.All(item => list.Any(candidate => CelValues.AreEqual(candidate, item)));

    private static IEnumerable<int> Positions(object?[] arguments)
    {
        var list = Items(arguments[0]);
        return Enumerable.Range(0, list.Count).Where(index => CelValues.AreEqual(list[index], arguments[1]));
    }

    private static object? Extreme(IReadOnlyList<object?> list, string order, string name)
    {
        if (list.Count == 0)
        {
            throw new CelException($"{name} called on empty list");
        }

        return list.Aggregate((best, item) => Holds(order, item, best) ? item : best);
    }

    private static object? Sum(IReadOnlyList<object?> list) => list.Count == 0 ? 0L : list.Aggregate((total, item) => Apply("_+_", total, item));

    private static bool Holds(string order, object? left, object? right) => (bool)Apply(order, left, right)!;

    private static object? Apply(string name, params object?[] arguments) =>
        (OperatorFunctions.All.FirstOrDefault(overload => overload.Name == name && overload.AcceptsValues(arguments))
            ?? throw new CelException("no such overload")).Run(arguments);
}

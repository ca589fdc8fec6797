using System.Text;
using static TKA.DevEnvironment.Cluster.Cel.CelType;

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>One way to call a function.</summary>
/// <param name="Name">Name, or the operator as <c>_+_</c>.</param>
/// <param name="IsMethod">Whether it is called on its first parameter.</param>
/// <param name="Parameters">Types, the receiver first.</param>
/// <param name="Result">Type of the result.</param>
/// <param name="Run">The function; arguments match the parameters.</param>
internal sealed record CelOverload(string Name, bool IsMethod, CelType[] Parameters, CelType Result, Func<object?[], object?> Run)
{
    /// <summary>Whether arguments of these types may be passed, as far as is known before evaluation.</summary>
    public bool Accepts(IReadOnlyList<CelType> types) =>
        types.Count == Parameters.Length && types.Zip(Parameters).All(pair => pair.First.FitsInto(pair.Second));

    /// <summary>Whether these values can be passed.</summary>
    public bool AcceptsValues(object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (Parameters[i].Kind is not CelKind.Dyn and var kind && kind != CelValues.KindOf(values[i]))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>All functions and operators of the subset. There is no arithmetic.</summary>
internal static class CelLibrary
{
    private static readonly ILookup<(string Name, bool IsMethod), CelOverload> Overloads = ((CelOverload[])
    [
        Function("!_", [Bool], Bool, a => !(bool)a[0]!),
        Function("_+_", [CelType.String, CelType.String], CelType.String, a => Text(a, 0) + Text(a, 1)),
        Function("_in_", [Dyn, List(Dyn)], Bool, a => ((IReadOnlyList<object?>)a[1]!).Any(item => CelValues.AreEqual(item, a[0]))),
        Function("_in_", [Dyn, Map(Dyn)], Bool, a => a[0] is string key && ((ICelMap)a[1]!).TryGet(key, out _)),
        .. Order("_<_", order => order < 0),
        .. Order("_<=_", order => order <= 0),
        .. Order("_>_", order => order > 0),
        .. Order("_>=_", order => order >= 0),
        .. Size(CelType.String, value => CodePoints((string)value!)),
        .. Size(List(Dyn), value => ((IReadOnlyList<object?>)value!).Count),
        .. Size(Map(Dyn), value => ((ICelMap)value!).Keys.Count),
        Function("duration", [CelType.String], Duration, a => CelTime.ParseDuration(Text(a, 0))),
        Function("timestamp", [CelType.String], Timestamp, a => CelTime.ParseTimestamp(Text(a, 0))),
        Method("startsWith", [CelType.String], Bool, a => Text(a, 0).StartsWith(Text(a, 1), StringComparison.Ordinal)),
        Method("endsWith", [CelType.String], Bool, a => Text(a, 0).EndsWith(Text(a, 1), StringComparison.Ordinal)),
        Method("contains", [CelType.String], Bool, a => Text(a, 0).Contains(Text(a, 1), StringComparison.Ordinal)),
        Method("matches", [CelType.String], Bool, a => Matches(Text(a, 0), Text(a, 1))),
        Method("lowerAscii", [], CelType.String, a => string.Concat(Text(a, 0).Select(c => char.IsAsciiLetterUpper(c) ? char.ToLowerInvariant(c) : c))),
        Method("split", [CelType.String], List(CelType.String), a => Split(Text(a, 0), Text(a, 1))),
    ]).ToLookup(overload => (overload.Name, overload.IsMethod));

    /// <summary>The overloads of a function or method; empty when it is unknown.</summary>
    public static CelOverload[] Find(string name, bool isMethod) => [.. Overloads[(name, isMethod)]];

    /// <summary>Refuses a literal argument that can never be right, as the real server does when it compiles.</summary>
    /// <exception cref="CelException">It is not right.</exception>
    public static void CheckLiteral(string function, string argument)
    {
        switch (function)
        {
            case "duration":
                CelTime.ParseDuration(argument);
                break;
            case "timestamp":
                CelTime.ParseTimestamp(argument);
                break;
            case "matches":
                Matches("", argument);
                break;
        }
    }

    private static CelOverload Function(string name, CelType[] parameters, CelType result, Func<object?[], object?> run) =>
        new(name, false, parameters, result, run);

    private static CelOverload Method(string name, CelType[] parameters, CelType result, Func<object?[], object?> run) =>
        new(name, true, [CelType.String, .. parameters], result, run);

    private static IEnumerable<CelOverload> Order(string name, Func<int, bool> holds) =>
    [
        .. ((CelType[])[Bool, Int, Duration, Timestamp]).Select(type => Function(name, [type, type], Bool, a => holds(((IComparable)a[0]!).CompareTo(a[1])))),
        Function(name, [CelType.String, CelType.String], Bool, a => holds(CompareText(Text(a, 0), Text(a, 1)))),
    ];

    private static IEnumerable<CelOverload> Size(CelType type, Func<object?, int> size) =>
        [new("size", true, [type], Int, a => (long)size(a[0])), new("size", false, [type], Int, a => (long)size(a[0]))];

    private static string Text(object?[] arguments, int index) => (string)arguments[index]!;

    private static int CodePoints(string text) => text.Length - text.Count(char.IsLowSurrogate);

    // By code point, as the bytes of UTF-8 are ordered.
    private static int CompareText(string left, string right) =>
        Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));

    private static object?[] Split(string text, string separator) =>
        separator.Length == 0 ? [.. text.EnumerateRunes().Select(rune => rune.ToString())] : [.. text.Split(separator)];

    private static bool Matches(string text, string pattern)
    {
        try
        {
            return Re2.Compile(pattern).IsMatch(text);
        }
        catch (FormatException exception)
        {
            throw new CelException(exception.Message);
        }
    }
}

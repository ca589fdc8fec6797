namespace TKA.DevEnvironment.Cluster.Cel.Functions;

/// <summary>One way to call a function.</summary>
/// <param name="Name">Name, or the operator as <c>_+_</c>.</param>
/// <param name="IsMethod">Whether it is called on its first parameter.</param>
/// <param name="Parameters">Types, the receiver first.</param>
/// <param name="Result">Type of the result.</param>
/// <param name="Run">The function; arguments match the parameters.</param>
internal sealed record CelOverload(string Name, bool IsMethod, CelType[] Parameters, CelType Result, Func<object?[], object?> Run)
{
    /// <summary>Whether arguments of these types may be passed, as far as is known before evaluation.</summary>
    public bool Accepts(IReadOnlyList<CelType> types)
    {
        if (types.Count != Parameters.Length)
        {
            return false;
        }

        for (var i = 0; i < types.Count; i++)
        {
            if (!types[i].FitsInto(Parameters[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether these values can be passed.</summary>
    public bool AcceptsValues(object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var kind = Parameters[i].Kind;
            if (kind != CelKind.Dyn && kind != CelValues.KindOf(values[i]))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>All functions of the subset by name.</summary>
internal static class CelLibrary
{
    private static readonly ILookup<(string Name, bool IsMethod), CelOverload> Overloads =
        new[]
        {
            OperatorFunctions.All, ConversionFunctions.All, StringFunctions.All,
        }.SelectMany(overloads => overloads).ToLookup(overload => (overload.Name, overload.IsMethod));

    /// <summary>The overloads of a function or method; empty when it is unknown.</summary>
    public static CelOverload[] Find(string name, bool isMethod) => [.. Overloads[(name, isMethod)]];
}

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>The calls that are no functions: <c>has(a.b)</c>, and the methods that bind a variable to each item of a list or map.</summary>
internal static class CelMacros
{
    /// <summary>A call of a function, or <c>has</c>.</summary>
    public static CelNode Function(CelToken name, IReadOnlyList<CelNode> arguments, CelTokens tokens)
    {
        if (name.Text != "has")
        {
            return new CelCall(name.Position, name.Text, null, arguments);
        }

        return arguments is [CelSelect { Test: false } select]
            ? select with { Test = true }
            : throw tokens.Error(name.Position, "invalid argument to has() macro");
    }

    /// <summary>A call of a method, or a comprehension.</summary>
    public static CelNode Method(CelNode target, CelToken name, IReadOnlyList<CelNode> arguments, CelTokens tokens)
    {
        CelMacro? macro = (name.Text, arguments.Count) switch
        {
            ("all", 2) => CelMacro.All,
            ("exists", 2) => CelMacro.Exists,
            ("map", 2) => CelMacro.Map,
            ("filter", 2) => CelMacro.Filter,
            _ => null,
        };
        if (macro is null)
        {
            return new CelCall(name.Position, name.Text, target, arguments);
        }

        return arguments[0] is CelIdentifier variable
            ? new CelComprehension(name.Position, macro.Value, target, variable.Name, arguments[1])
            : throw tokens.Error(arguments[0].Position, "argument must be a simple name");
    }
}

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>A parsed expression.</summary>
/// <param name="Position">Offset in the source, for errors.</param>
internal abstract record CelNode(int Position);

internal sealed record CelLiteral(int Position, object? Value) : CelNode(Position);

internal sealed record CelIdentifier(int Position, string Name) : CelNode(Position);

/// <summary><c>operand.field</c>, or with <paramref name="Test"/> <c>has(operand.field)</c>.</summary>
internal sealed record CelSelect(int Position, CelNode Operand, string Field, bool Test) : CelNode(Position);

/// <summary><c>operand[index]</c>.</summary>
internal sealed record CelIndex(int Position, CelNode Operand, CelNode Index) : CelNode(Position);

/// <summary>A function or operator; <paramref name="Target"/> is what a method is called on.</summary>
internal sealed record CelCall(int Position, string Function, CelNode? Target, IReadOnlyList<CelNode> Arguments) : CelNode(Position);

/// <summary><c>&amp;&amp;</c> or <c>||</c>, which absorb an error of one side when the other decides.</summary>
internal sealed record CelLogical(int Position, bool IsAnd, CelNode Left, CelNode Right) : CelNode(Position);

internal sealed record CelConditional(int Position, CelNode Condition, CelNode Then, CelNode Else) : CelNode(Position);

internal sealed record CelListLiteral(int Position, IReadOnlyList<CelNode> Items) : CelNode(Position);

/// <summary>The macros that bind a variable.</summary>
internal enum CelMacro
{
    All,
    Exists,
    Map,
    Filter,
}

/// <summary><c>range.macro(variable, body)</c>.</summary>
internal sealed record CelComprehension(int Position, CelMacro Macro, CelNode Range, string Variable, CelNode Body) : CelNode(Position);

namespace TKA.DevEnvironment.Cluster.Cel;

internal enum CelTokenKind
{
    End,
    Identifier,
    Keyword,
    Literal,
    Punctuation,
}

/// <summary>A word of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Identifier, keyword or punctuation.</param>
/// <param name="Value">Value of a literal.</param>
/// <param name="Position">Offset in the source.</param>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, object? Value, int Position);

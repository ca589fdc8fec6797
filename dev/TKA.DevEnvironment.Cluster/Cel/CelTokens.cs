namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>The tokens of an expression, read one after the other.</summary>
internal sealed class CelTokens(string source)
{
    private readonly IReadOnlyList<CelToken> _tokens = new CelLexer(source).Read();
    private int _next;

    /// <summary>The token to read next; an end mark after the last.</summary>
    public CelToken Current => _tokens[_next];

    /// <summary>Reads any token.</summary>
    public CelToken Take() => _tokens[_next++];

    /// <summary>Reads an identifier.</summary>
    /// <exception cref="CelException">Something else comes next.</exception>
    public CelToken Identifier() => Current.Kind == CelTokenKind.Identifier ? Take() : throw Unexpected();

    /// <summary>Whether a sign comes next, which is not read.</summary>
    public bool IsNext(string sign) => Current.Kind == CelTokenKind.Punctuation && Current.Text == sign;

    /// <summary>Reads a sign when it comes next.</summary>
    public bool Accept(string sign, out int position)
    {
        position = Current.Position;
        if (!IsNext(sign))
        {
            return false;
        }

        _next++;
        return true;
    }

    /// <summary>Reads a sign.</summary>
    /// <exception cref="CelException">Something else comes next.</exception>
    public void Expect(string sign)
    {
        if (!Accept(sign, out _))
        {
            throw Unexpected($", expecting '{sign}'");
        }
    }

    /// <summary>The error that nothing can be made of the next token.</summary>
    public CelException Unexpected(string hint = "") => Error(Current.Position, $"Syntax error: mismatched input '{Current.Text}'{hint}");

    /// <summary>An error at a place of the expression.</summary>
    public CelException Error(int position, string problem) => CelException.At(source, position, problem);
}

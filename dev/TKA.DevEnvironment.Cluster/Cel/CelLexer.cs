using System.Globalization;
using System.Text;

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Splits an expression into tokens (lexical rules of the CEL language definition, without raw and multi-line strings and exponents).</summary>
internal sealed class CelLexer(string source)
{
    private static readonly string[] Punctuation =
        ["||", "&&", "==", "!=", "<=", ">=", "[", "]", "(", ")", ".", ",", "-", "!", "?", ":", "+", "<", ">"];

    private int _position;

    /// <summary>All tokens, with an end mark.</summary>
    public IReadOnlyList<CelToken> Read()
    {
        var tokens = new List<CelToken>();
        do
        {
            tokens.Add(Next());
        }
        while (tokens[^1].Kind != CelTokenKind.End);
        return tokens;
    }

    private CelToken Next()
    {
        SkipBlanks();
        var start = _position;
        if (start >= source.Length)
        {
            return new(CelTokenKind.End, "<EOF>", null, start);
        }

        var character = source[start];
        if (character is '"' or '\'')
        {
            return ReadString();
        }

        if (char.IsAsciiDigit(character))
        {
            return ReadNumber();
        }

        if (char.IsAsciiLetter(character) || character == '_')
        {
            while (char.IsAsciiLetterOrDigit(Peek(0)) || Peek(0) == '_')
            {
                _position++;
            }

            return Word(source[start.._position], start);
        }

        foreach (var sign in Punctuation)
        {
            if (string.CompareOrdinal(source, start, sign, 0, sign.Length) != 0)
            {
                continue;
            }

            _position += sign.Length;
            return new(CelTokenKind.Punctuation, sign, null, start);
        }

        throw CelException.At(source, start, $"Syntax error: token recognition error at: '{character}'");
    }

    private static CelToken Word(string text, int start) => text switch
    {
        "true" => new(CelTokenKind.Literal, text, true, start),
        "false" => new(CelTokenKind.Literal, text, false, start),
        "null" => new(CelTokenKind.Literal, text, null, start),
        "in" => new(CelTokenKind.Keyword, text, null, start),
        _ => new(CelTokenKind.Identifier, text, null, start),
    };

    private char Peek(int ahead) => _position + ahead < source.Length ? source[_position + ahead] : '\0';

    private void SkipBlanks()
    {
        while (_position < source.Length)
        {
            if (source[_position] is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                _position++;
            }
            else if (source[_position] == '/' && Peek(1) == '/')
            {
                while (_position < source.Length && source[_position] != '\n')
                {
                    _position++;
                }
            }
            else
            {
                return;
            }
        }
    }

    private CelToken ReadNumber()
    {
        var start = _position;
        while (char.IsAsciiDigit(Peek(0)))
        {
            _position++;
        }

        var isDouble = false;
        if (Peek(0) == '.' && char.IsAsciiDigit(Peek(1)))
        {
            isDouble = true;
            _position++;
            while (char.IsAsciiDigit(Peek(0)))
            {
                _position++;
            }
        }

        var text = source[start.._position];
        if (isDouble)
        {
            return new(CelTokenKind.Literal, text, double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture), start);
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var integer)
            ? new(CelTokenKind.Literal, text, integer, start)
            : throw CelException.At(source, start, "invalid int literal");
    }

    private CelToken ReadString()
    {
        var start = _position;
        var quote = source[_position++];
        var text = new StringBuilder();
        while (Peek(0) != quote)
        {
            if (_position >= source.Length || source[_position] is '\n' or '\r')
            {
                throw CelException.At(source, start, "Syntax error: token recognition error: string is not closed");
            }

            if (source[_position] == '\\')
            {
                text.Append(ReadEscape().ToString());
                continue;
            }

            text.Append(source[_position++]);
        }

        _position++;
        return new(CelTokenKind.Literal, source[start.._position], text.ToString(), start);
    }

    /// <summary>Escapes of one letter, and <c>\uXXXX</c>.</summary>
    private Rune ReadEscape()
    {
        var start = _position;
        var code = Peek(1);
        _position += 2;
        var simple = "abfnrtv\\?\"'`".IndexOf(code, StringComparison.Ordinal);
        if (code != '\0' && simple >= 0)
        {
            return new Rune("\a\b\f\n\r\t\v\\?\"'`"[simple]);
        }

        if (code != 'u' || _position + 4 > source.Length
            || !int.TryParse(source.AsSpan(_position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || !Rune.TryCreate(value, out var rune))
        {
            throw CelException.At(source, start, "Syntax error: token recognition error: unknown escape sequence");
        }

        _position += 4;
        return rune;
    }
}

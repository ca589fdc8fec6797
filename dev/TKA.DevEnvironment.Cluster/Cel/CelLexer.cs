using System.Globalization;
using System.Text;

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Splits an expression into tokens (lexical rules of the CEL language definition).</summary>
internal sealed class CelLexer(string source)
{
    private static readonly string[] Punctuation =
        ["||", "&&", "==", "!=", "<=", ">=", "[", "]", "(", ")", ".", ",", "-", "!", "?", ":", "+", "*", "/", "%", "<", ">"];

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
        if (character is '"' or '\'' || (character is 'r' or 'R' && Peek(1) is '"' or '\''))
        {
            return ReadString(isRaw: character is 'r' or 'R');
        }

        if (char.IsAsciiDigit(character) || (character == '.' && char.IsAsciiDigit(Peek(1))))
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

        if (Peek(0) is 'e' or 'E' && (char.IsAsciiDigit(Peek(1)) || (Peek(1) is '+' or '-' && char.IsAsciiDigit(Peek(2)))))
        {
            isDouble = true;
            _position += 2;
            while (char.IsAsciiDigit(Peek(0)))
            {
                _position++;
            }
        }

        var text = source[start.._position];
        return isDouble
            ? new(CelTokenKind.Literal, text, double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture), start)
            : Integer(text, start);
    }

    private CelToken Integer(string digits, int start)
    {
        if (!ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw CelException.At(source, start, "invalid int literal");
        }

        // The parser accepts 2^63 after a minus sign only.
        return new(CelTokenKind.Literal, digits, number <= long.MaxValue ? (long)number : new CelMinimumInt(number), start);
    }

    private CelToken ReadString(bool isRaw)
    {
        var start = _position;
        _position += isRaw ? 1 : 0;
        var quote = source[_position];
        var closing = Peek(1) == quote && Peek(2) == quote ? new string(quote, 3) : quote.ToString();
        _position += closing.Length;
        var text = new StringBuilder();
        while (string.CompareOrdinal(source, _position, closing, 0, closing.Length) != 0)
        {
            if (_position >= source.Length || (closing.Length == 1 && source[_position] is '\n' or '\r'))
            {
                throw CelException.At(source, start, "Syntax error: token recognition error: string is not closed");
            }

            if (source[_position] == '\\' && !isRaw)
            {
                text.Append(ReadEscape().ToString());
                continue;
            }

            text.Append(source[_position]);
            _position++;
        }

        _position += closing.Length;
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

/// <summary>An integer literal that is only in range when negated: 2^63.</summary>
internal sealed record CelMinimumInt(ulong Magnitude);

using System.Globalization;
using System.Text;

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Splits an expression into tokens (lexical rules of the CEL language definition).</summary>
internal sealed class CelLexer(string source)
{
    private static readonly string[] Punctuation =
        ["||", "&&", "==", "!=", "<=", ">=", "[", "]", "{", "}", "(", ")", ".", ",", "-", "!", "?", ":", "+", "*", "/", "%", "<", ">"];

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
        if (StringPrefixLength() is var prefix and >= 0)
        {
            return ReadString(prefix);
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
        if (Peek(0) == '0' && Peek(1) is 'x' or 'X')
        {
            _position += 2;
            while (char.IsAsciiHexDigit(Peek(0)))
            {
                _position++;
            }

            return Integer(source[(start + 2).._position], NumberStyles.AllowHexSpecifier, start);
        }

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
            : Integer(text, NumberStyles.None, start);
    }

    private CelToken Integer(string digits, NumberStyles style, int start)
    {
        if (!ulong.TryParse(digits, style, CultureInfo.InvariantCulture, out var number))
        {
            throw CelException.At(source, start, "invalid int literal");
        }

        if (Peek(0) is 'u' or 'U')
        {
            _position++;
            return new(CelTokenKind.Literal, digits, number, start);
        }

        // The parser accepts 2^63 after a minus sign only.
        return new(CelTokenKind.Literal, digits, number <= long.MaxValue ? (long)number : new CelMinimumInt(number), start);
    }

    private int StringPrefixLength()
    {
        var length = 0;
        while (length < 2 && char.ToLowerInvariant(Peek(length)) is 'r' or 'b')
        {
            length++;
        }

        if (length == 2 && char.ToLowerInvariant(Peek(0)) == char.ToLowerInvariant(Peek(1)))
        {
            return -1;
        }

        return Peek(length) is '"' or '\'' ? length : -1;
    }

    private CelToken ReadString(int prefix)
    {
        var start = _position;
        var flags = source.Substring(start, prefix).ToLowerInvariant();
        var (raw, bytes) = (flags.Contains('r', StringComparison.Ordinal), flags.Contains('b', StringComparison.Ordinal));
        _position += prefix;
        var quote = source[_position];
        var closing = Peek(1) == quote && Peek(2) == quote ? new string(quote, 3) : quote.ToString();
        _position += closing.Length;
        var (text, octets) = (new StringBuilder(), new List<byte>());
        while (string.CompareOrdinal(source, _position, closing, 0, closing.Length) != 0)
        {
            if (_position >= source.Length || (closing.Length == 1 && source[_position] is '\n' or '\r'))
            {
                throw CelException.At(source, start, "Syntax error: token recognition error: string is not closed");
            }

            if (source[_position] == '\\' && !raw)
            {
                ReadEscape(text, octets, bytes);
                continue;
            }

            var rune = Rune.TryGetRuneAt(source, _position, out var whole) ? whole : Rune.ReplacementChar;
            Append(rune, text, octets, bytes);
            _position += rune.Utf16SequenceLength;
        }

        _position += closing.Length;
        return new(CelTokenKind.Literal, source[start.._position], bytes ? octets.ToArray() : text.ToString(), start);
    }

    private void ReadEscape(StringBuilder text, List<byte> octets, bool bytes)
    {
        var start = _position;
        var code = Peek(1);
        _position += 2;
        var simple = "abfnrtv\\?\"'`".IndexOf(code, StringComparison.Ordinal);
        if (code != '\0' && simple >= 0)
        {
            Append(new Rune("\a\b\f\n\r\t\v\\?\"'`"[simple]), text, octets, bytes);
            return;
        }

        var (digits, radix) = code switch
        {
            'x' or 'X' => (2, 16),
            'u' => (4, 16),
            'U' => (8, 16),
            >= '0' and <= '3' => (3, 8),
            _ => throw CelException.At(source, start, "Syntax error: token recognition error: unknown escape sequence"),
        };
        if (radix == 8)
        {
            _position--;
        }

        var value = 0L;
        for (var i = 0; i < digits; i++, _position++)
        {
            var digit = char.IsAsciiHexDigit(Peek(0)) ? Convert.ToInt32(Peek(0).ToString(), 16) : radix;
            if (digit >= radix)
            {
                throw CelException.At(source, start, "Syntax error: token recognition error: incomplete escape sequence");
            }

            value = (value * radix) + digit;
        }

        if (bytes && digits <= 3)
        {
            octets.Add((byte)value);
        }
        else if (value <= int.MaxValue && Rune.TryCreate((int)value, out var rune))
        {
            Append(rune, text, octets, bytes);
        }
        else
        {
            throw CelException.At(source, start, "Syntax error: invalid unicode code point");
        }
    }

    private static void Append(Rune rune, StringBuilder text, List<byte> octets, bool bytes)
    {
        if (!bytes)
        {
            text.Append(rune.ToString());
            return;
        }

        Span<byte> utf8 = stackalloc byte[4];
        octets.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
    }
}

/// <summary>An integer literal that is only in range when negated: 2^63.</summary>
internal sealed record CelMinimumInt(ulong Magnitude);

using System.Text;
using System.Text.Json;

namespace TKA.DevEnvironment.Tailnet.Policy;

/// <summary>
/// Reads HuJSON, the policy file's notation: JSON with <c>//</c> and <c>/* */</c> comments and trailing commas. Errors
/// say line and column. Stricter than Go's reader in one way: a name given twice in an object is an error.
/// </summary>
internal sealed class HuJsonParser
{
    private const int DeepestNesting = 64;
    private readonly string _text;
    private int _at;
    private int _line = 1;
    private int _lineStart;
    private int _depth;

    private HuJsonParser(string text) => _text = text;

    private TextPosition Here => new(_line, _at - _lineStart + 1);

    private char Current => _at < _text.Length ? _text[_at] : '\0';

    private bool AtEnd => _at >= _text.Length;

    /// <exception cref="PolicyException">The text is not HuJSON.</exception>
    public static HuJsonNode Parse(string text)
    {
        var parser = new HuJsonParser(text.StartsWith('\uFEFF') ? text[1..] : text);
        parser.SkipBlank();
        var value = parser.ReadValue();
        parser.SkipBlank();
        return parser.AtEnd ? value : throw parser.Error($"{parser.Show()} after the end of the policy");
    }

    private HuJsonNode ReadValue()
    {
        var at = Here;
        if (++_depth > DeepestNesting)
        {
            throw Error($"nested deeper than {DeepestNesting} levels");
        }

        HuJsonNode value = Current switch
        {
            '{' => ReadObject(at),
            '[' => ReadArray(at),
            '"' => new HuJsonString(at, ReadString()),
            _ => ReadLiteral(at),
        };
        _depth--;
        return value;
    }

    private HuJsonObject ReadObject(TextPosition at)
    {
        Advance();
        var members = new List<HuJsonMember>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            SkipBlank();
            if (TryTake('}'))
            {
                return new HuJsonObject(at, members);
            }

            var nameAt = Here;
            if (Current != '"')
            {
                throw Error($"expected a name in double quotes or '}}', found {Show()}");
            }

            var name = ReadString();
            if (!names.Add(name))
            {
                throw new PolicyException(nameAt, $"\"{name}\" is given twice in this object");
            }

            SkipBlank();
            if (!TryTake(':'))
            {
                throw Error($"expected ':' after \"{name}\", found {Show()}");
            }

            SkipBlank();
            members.Add(new HuJsonMember(nameAt, name, ReadValue()));
            SkipBlank();
            if (!TryTake(',') && Current != '}')
            {
                throw Error($"expected ',' or '}}', found {Show()}");
            }
        }
    }

    private HuJsonArray ReadArray(TextPosition at)
    {
        Advance();
        var items = new List<HuJsonNode>();
        while (true)
        {
            SkipBlank();
            if (TryTake(']'))
            {
                return new HuJsonArray(at, items);
            }

            items.Add(ReadValue());
            SkipBlank();
            if (!TryTake(',') && Current != ']')
            {
                throw Error($"expected ',' or ']', found {Show()}");
            }
        }
    }

    private string ReadString()
    {
        var start = _at;
        Advance();
        while (Current != '"')
        {
            if (AtEnd || Current is '\n' or '\r')
            {
                throw Error("the string is not closed on its line");
            }

            if (Current < ' ')
            {
                throw Error($"control character U+{(int)Current:X4} in a string; write it as an escape");
            }

            if (Current == '\\')
            {
                Advance();
            }

            if (!AtEnd)
            {
                Advance();
            }
        }

        Advance();
        return Unescape(start);
    }

    /// <summary>Leaves the escapes to the platform's own reader, which is strict about them.</summary>
    private string Unescape(int start)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(_text[start.._at]));
        try
        {
            reader.Read();
            return reader.GetString()!;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new PolicyException(new TextPosition(_line, start - _lineStart + 1), "the string has an escape that JSON does not know");
        }
    }

    private HuJsonLiteral ReadLiteral(TextPosition at)
    {
        var start = _at;
        while (char.IsAsciiLetterOrDigit(Current) || Current is '+' or '-' or '.')
        {
            Advance();
        }

        var raw = _text[start.._at];
        if (raw.Length == 0)
        {
            throw Error($"expected a value, found {Show()}");
        }

        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(raw));
            reader.Read();
            if (reader.BytesConsumed == raw.Length)
            {
                return new HuJsonLiteral(at, raw);
            }
        }
        catch (JsonException)
        {
            // The error is reported below.
        }

        throw new PolicyException(at, $"'{raw}' is no value; strings need double quotes");
    }

    private void SkipBlank()
    {
        while (!AtEnd)
        {
            if (Current is ' ' or '\t' or '\r' or '\n')
            {
                Advance();
            }
            else if (Current == '/' && Next == '/')
            {
                while (!AtEnd && Current != '\n')
                {
                    Advance();
                }
            }
            else if (Current == '/' && Next == '*')
            {
                SkipBlockComment();
            }
            else
            {
                return;
            }
        }
    }

    private char Next => _at + 1 < _text.Length ? _text[_at + 1] : '\0';

    private void SkipBlockComment()
    {
        var at = Here;
        Advance();
        Advance();
        while (!(Current == '*' && Next == '/'))
        {
            if (AtEnd)
            {
                throw new PolicyException(at, "the comment is not closed");
            }

            Advance();
        }

        Advance();
        Advance();
    }

    private bool TryTake(char expected)
    {
        if (AtEnd || Current != expected)
        {
            return false;
        }

        Advance();
        return true;
    }

    private void Advance()
    {
        if (_text[_at++] == '\n')
        {
            _line++;
            _lineStart = _at;
        }
    }

    private string Show() => AtEnd ? "the end of the file" : $"'{Current}'";

    private PolicyException Error(string message) => new(Here, message);
}

namespace TKA.Contracts.Selectors;

/// <summary>Reads the text of a <see cref="LabelSelector"/>.</summary>
internal sealed class LabelSelectorParser(string text)
{
    private const string Special = ",()=!<>";
    private int _at;

    public IReadOnlyList<LabelRequirement> Parse()
    {
        var requirements = new List<LabelRequirement>();
        do
        {
            requirements.Add(ReadRequirement());
        }
        while (TryTake(","));

        return _at == text.Length ? requirements : throw Error("expected ',' or the end");
    }

    private LabelRequirement ReadRequirement()
    {
        if (TryTake("!"))
        {
            return new LabelRequirement(ReadKey(), LabelOperator.DoesNotExist, []);
        }

        var key = ReadKey();
        if (TryTake("!="))
        {
            return new LabelRequirement(key, LabelOperator.NotIn, [ReadValue()]);
        }

        if (TryTake("==") || TryTake("="))
        {
            return new LabelRequirement(key, LabelOperator.In, [ReadValue()]);
        }

        if (TryTake(">"))
        {
            return new LabelRequirement(key, LabelOperator.GreaterThan, [ReadInteger()]);
        }

        if (TryTake("<"))
        {
            return new LabelRequirement(key, LabelOperator.LessThan, [ReadInteger()]);
        }

        if (_at == text.Length || text[_at] == ',')
        {
            return new LabelRequirement(key, LabelOperator.Exists, []);
        }

        return ReadWord() switch
        {
            "in" => new LabelRequirement(key, LabelOperator.In, ReadValues()),
            "notin" => new LabelRequirement(key, LabelOperator.NotIn, ReadValues()),
            _ => throw Error("expected =, ==, !=, <, >, in or notin"),
        };
    }

    private List<string> ReadValues()
    {
        Take("(");
        var values = new List<string>();
        do
        {
            values.Add(ReadValue());
        }
        while (TryTake(","));

        Take(")");
        return values;
    }

    private string ReadKey()
    {
        var key = ReadWord();
        return key.Length == 0
            ? throw Error("expected a label key")
            : LabelSyntax.CheckKey(key) is { } error ? throw Error(error) : key;
    }

    private string ReadValue()
    {
        var value = ReadWord();
        return LabelSyntax.CheckValue(value) is { } error ? throw Error(error) : value;
    }

    private string ReadInteger()
    {
        var value = ReadValue();
        return LabelRequirement.TryInteger(value, out _) ? value : throw Error("expected an integer after '<' or '>'");
    }

    private string ReadWord()
    {
        SkipBlank();
        var start = _at;
        while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && !Special.Contains(text[_at], StringComparison.Ordinal))
        {
            _at++;
        }

        var word = text[start.._at];
        SkipBlank();
        return word;
    }

    private bool TryTake(string token)
    {
        SkipBlank();
        if (!text.AsSpan(_at).StartsWith(token, StringComparison.Ordinal))
        {
            return false;
        }

        _at += token.Length;
        SkipBlank();
        return true;
    }

    private void Take(string token)
    {
        if (!TryTake(token))
        {
            throw Error($"expected '{token}'");
        }
    }

    private void SkipBlank()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }

    private FormatException Error(string message) => new($"At position {_at + 1}: {message}");
}

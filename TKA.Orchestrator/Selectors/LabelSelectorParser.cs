namespace TKA.Orchestrator.Selectors;

/// <summary>Reads the text of a <see cref="LabelSelector"/>.</summary>
internal sealed class LabelSelectorParser(string text)
{
    private const string Special = ",()=!";
    private int _at;

    public IReadOnlyList<LabelSelector.Requirement> Parse()
    {
        var requirements = new List<LabelSelector.Requirement>();
        do
        {
            requirements.Add(ReadRequirement());
        }
        while (TryTake(","));

        return _at == text.Length ? requirements : throw Error("expected ',' or the end");
    }

    private LabelSelector.Requirement ReadRequirement()
    {
        if (TryTake("!"))
        {
            return new LabelSelector.Requirement(ReadKey(), LabelSelector.Operator.DoesNotExist, []);
        }

        var key = ReadKey();
        if (TryTake("!="))
        {
            return new LabelSelector.Requirement(key, LabelSelector.Operator.NotIn, [ReadValue()]);
        }

        if (TryTake("==") || TryTake("="))
        {
            return new LabelSelector.Requirement(key, LabelSelector.Operator.In, [ReadValue()]);
        }

        if (_at == text.Length || text[_at] == ',')
        {
            return new LabelSelector.Requirement(key, LabelSelector.Operator.Exists, []);
        }

        return ReadWord() switch
        {
            "in" => new LabelSelector.Requirement(key, LabelSelector.Operator.In, ReadValues()),
            "notin" => new LabelSelector.Requirement(key, LabelSelector.Operator.NotIn, ReadValues()),
            _ => throw Error("expected =, ==, !=, in or notin"),
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

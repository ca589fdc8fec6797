using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Splits an expression into tokens (lexical rules of the CEL language definition, without fractions and raw and multi-line strings).</summary>
internal sealed partial class CelLexer(string source)
{
    // Chains such as a.b.c or a + b + c nest in the tree as deep as they are long; each level costs stack when evaluated.
    private const int MaximumTokens = 2000;

    /// <summary>All tokens, with an end mark.</summary>
    /// <exception cref="CelException">A character that begins no token, a number out of range, an unknown escape, or too many tokens.</exception>
    public IReadOnlyList<CelToken> Read()
    {
        var tokens = new List<CelToken>();
        for (var position = 0; position < source.Length;)
        {
            var match = Token().Match(source, position);
            if (!match.Success)
            {
                throw Error(position, $"Syntax error: token recognition error at: '{source[position]}'");
            }

            if (!match.Groups["blank"].Success)
            {
                tokens.Add(Read(match));
            }

            if (tokens.Count > MaximumTokens)
            {
                throw Error(position, "expression recursion limit exceeded: too many tokens");
            }

            position += match.Length;
        }

        tokens.Add(new(CelTokenKind.End, "<EOF>", null, source.Length));
        return tokens;
    }

    private CelToken Read(Match match)
    {
        var (text, start) = (match.Value, match.Index);
        if (match.Groups["sign"].Success)
        {
            return new(CelTokenKind.Punctuation, text, null, start);
        }

        return match.Groups["text"] switch
        {
            { Success: true } quoted => new(CelTokenKind.Literal, text, Unescape(quoted), start),
            _ when match.Groups["word"].Success => Word(text, start),
            _ => new(CelTokenKind.Literal, text, Number(text, start), start),
        };
    }

    private static CelToken Word(string text, int start) => text switch
    {
        "true" => new(CelTokenKind.Literal, text, true, start),
        "false" => new(CelTokenKind.Literal, text, false, start),
        "null" => new(CelTokenKind.Literal, text, null, start),
        "in" => new(CelTokenKind.Keyword, text, null, start),
        _ => new(CelTokenKind.Identifier, text, null, start),
    };

    private long Number(string text, int start) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var integer) ? integer
        : throw Error(start, "invalid int literal");

    private string Unescape(Group quoted) => Escape().Replace(quoted.Value, match =>
    {
        var code = match.Value[1];
        var simple = "abfnrtv\\?\"'`".IndexOf(code, StringComparison.Ordinal);
        return simple >= 0 ? "\a\b\f\n\r\t\v\\?\"'`"[simple].ToString()
            : code == 'u' && match.Length == 6 && Rune.TryCreate(int.Parse(match.ValueSpan[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), out var rune) ? rune.ToString()
            : throw Error(quoted.Index + match.Index, "Syntax error: token recognition error: unknown escape sequence");
    });

    private CelException Error(int position, string problem) => CelException.At(source, position, problem);

    [GeneratedRegex(
        """
        \G(?:
            (?<blank>[ \t\n\r\f]+|//[^\n]*)
            |(?<number>[0-9]+)
            |(?<word>[A-Za-z_][A-Za-z0-9_]*)
            |"(?<text>(?:[^"\\\n\r]|\\.)*)"
            |'(?<text>(?:[^'\\\n\r]|\\.)*)'
            |(?<sign>\|\||&&|[=!<>]=|[][().,!?:+<>-]))
        """,
        RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Token();

    [GeneratedRegex(@"\\(?:u[0-9A-Fa-f]{4}|.)")]
    private static partial Regex Escape();
}

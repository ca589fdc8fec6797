using System.Globalization;
using TKA.DevEnvironment.Cluster.Http;

namespace TKA.DevEnvironment.Cluster.Selection;

/// <summary>A label selector as in <c>?labelSelector=</c>: equality (<c>a=b,c!=d</c>), sets (<c>a in (x,y)</c>) and existence (<c>a</c>, <c>!a</c>).</summary>
internal sealed class LabelSelector
{
    private readonly List<Requirement> _requirements;

    private LabelSelector(List<Requirement> requirements) => _requirements = requirements;

    private enum Operator
    {
        Exists,
        DoesNotExist,
        In,
        NotIn,
        GreaterThan,
        LessThan,
    }

    /// <summary>Selects everything.</summary>
    public static LabelSelector Everything { get; } = new([]);

    /// <summary>Whether nothing is filtered out.</summary>
    public bool IsEmpty => _requirements.Count == 0;

    /// <summary>Parses.</summary>
    /// <exception cref="StatusException">400: the text is no selector.</exception>
    public static LabelSelector Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return Everything;
        }

        return new LabelSelector([.. SplitOutsideParentheses(text).Select(ParseRequirement)]);
    }

    /// <summary>Whether an object with these labels is selected.</summary>
    public bool Matches(IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!Satisfied(requirement, labels))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Satisfied(Requirement requirement, IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        string? value = null;
        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i].Key == requirement.Key)
            {
                value = labels[i].Value;
                break;
            }
        }

        return requirement.Operator switch
        {
            Operator.Exists => value is not null,
            Operator.DoesNotExist => value is null,
            Operator.In => value is not null && requirement.Values.Contains(value),
            Operator.NotIn => value is null || !requirement.Values.Contains(value),
            Operator.GreaterThan => TryNumber(value, out var number) && number > requirement.Bound,
            _ => TryNumber(value, out var number) && number < requirement.Bound,
        };
    }

    private static bool TryNumber(string? text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static IEnumerable<string> SplitOutsideParentheses(string text)
    {
        var start = 0;
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '(':
                    depth++;
                    break;
                case ')':
                    depth--;
                    break;
                case ',' when depth == 0:
                    yield return text[start..i];
                    start = i + 1;
                    break;
                default:
                    break;
            }
        }

        if (depth != 0)
        {
            throw Malformed(text, "unbalanced parentheses");
        }

        yield return text[start..];
    }

    private static Requirement ParseRequirement(string part)
    {
        var text = part.Trim();
        if (text.StartsWith('!'))
        {
            return new Requirement(Key(text[1..], part), Operator.DoesNotExist, [], 0);
        }

        if (text.EndsWith(')') && text.IndexOf('(', StringComparison.Ordinal) is var open and > 0)
        {
            var words = text[..open].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is not [var key, "in" or "notin"])
            {
                throw Malformed(part, "found where 'in' or 'notin' was expected");
            }

            var values = text[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries);
            return new Requirement(Key(key, part), words[1] == "in" ? Operator.In : Operator.NotIn, [.. values.Select(v => Value(v, part))], 0);
        }

        foreach (var (sign, operation) in new[] { ("!=", Operator.NotIn), ("==", Operator.In), ("=", Operator.In) })
        {
            if (text.IndexOf(sign, StringComparison.Ordinal) is var at and >= 0)
            {
                return new Requirement(Key(text[..at], part), operation, [Value(text[(at + sign.Length)..].Trim(), part)], 0);
            }
        }

        if (text.IndexOfAny(['<', '>']) is var comparison and > 0)
        {
            return TryNumber(text[(comparison + 1)..].Trim(), out var bound)
                ? new Requirement(Key(text[..comparison], part), text[comparison] == '>' ? Operator.GreaterThan : Operator.LessThan, [], bound)
                : throw Malformed(part, "for 'Gt', 'Lt' operators, the value must be an integer");
        }

        return new Requirement(Key(text, part), Operator.Exists, [], 0);
    }

    private static string Key(string text, string part)
    {
        var key = text.Trim();
        return Validation.NameRules.QualifiedName(key) is { } problem ? throw Malformed(part, problem) : key;
    }

    private static string Value(string text, string part) =>
        Validation.NameRules.LabelValue(text) is { } problem ? throw Malformed(part, problem) : text;

    private static StatusException Malformed(string part, string why) =>
        Statuses.BadRequest($"unable to parse requirement: {part.Trim()}: {why}");

    private sealed record Requirement(string Key, Operator Operator, HashSet<string> Values, long Bound);
}

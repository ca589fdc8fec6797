using System.Text;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Selection;

/// <summary>A field selector as in <c>?fieldSelector=</c>; which fields exist depends on the resource.</summary>
internal sealed class FieldSelector
{
    private readonly List<Requirement> _requirements;
    private readonly bool _needsContent;

    private FieldSelector(List<Requirement> requirements)
    {
        _requirements = requirements;
        _needsContent = requirements.Any(r => r.Field is not ("metadata.name" or "metadata.namespace"));
    }

    /// <summary>Selects everything.</summary>
    public static FieldSelector Everything { get; } = new([]);

    /// <summary>Whether nothing is filtered out.</summary>
    public bool IsEmpty => _requirements.Count == 0;

    /// <summary>The one name that is asked for, or null: such requests are authorized as requests for that name.</summary>
    public string? SingleName => _requirements.FirstOrDefault(r => r is { Field: "metadata.name", Negated: false })?.Value;

    /// <summary>The fields that are asked for.</summary>
    public IEnumerable<string> Fields => _requirements.Select(r => r.Field);

    /// <summary>Parses.</summary>
    /// <exception cref="StatusException">400: the text is no selector.</exception>
    public static FieldSelector Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return Everything;
        }

        return new FieldSelector([.. Split(text).Where(part => part.Length > 0).Select(ParseRequirement)]);
    }

    /// <summary>Whether an object is selected.</summary>
    public bool Matches(StoredObject stored, Func<JsonObject, string, string> readField)
    {
        var content = _needsContent ? stored.Read() : null;
        foreach (var requirement in _requirements)
        {
            var value = requirement.Field switch
            {
                "metadata.name" => stored.Name,
                "metadata.namespace" => stored.Namespace,
                _ => readField(content!, requirement.Field),
            };
            if ((value == requirement.Value) == requirement.Negated)
            {
                return false;
            }
        }

        return true;
    }

    private static IEnumerable<string> Split(string text)
    {
        var part = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length)
            {
                part.Append(text[i]).Append(text[++i]);
            }
            else if (text[i] == ',')
            {
                yield return part.ToString();
                part.Clear();
            }
            else
            {
                part.Append(text[i]);
            }
        }

        yield return part.ToString();
    }

    private static Requirement ParseRequirement(string part)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw Statuses.BadRequest($"invalid selector: '{part}'; can't understand '{part}'");
        }

        var negated = part[equals - 1] == '!';
        var field = part[..(negated ? equals - 1 : equals)].Trim();
        var value = part[(equals + 1)..];
        if (!negated && value.StartsWith('='))
        {
            value = value[1..];
        }

        return new Requirement(field, Unescape(value, part), negated);
    }

    private static string Unescape(string value, string part)
    {
        var result = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\')
            {
                if (i + 1 == value.Length || value[i + 1] is not ('\\' or ',' or '='))
                {
                    throw Statuses.BadRequest($"invalid field selector: invalid escape sequence in '{part}'");
                }

                i++;
            }
            else if (value[i] == '=')
            {
                throw Statuses.BadRequest($"invalid field selector: unescaped '=' in '{part}'");
            }

            result.Append(value[i]);
        }

        return result.ToString();
    }

    private sealed record Requirement(string Field, string Value, bool Negated);
}

using System.Text.RegularExpressions;

namespace TKA.DevEnvironment.Cluster.Selection;

/// <summary>A field selector as in <c>?fieldSelector=</c>; which fields exist depends on the resource.</summary>
internal sealed partial class FieldSelector
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

        return new FieldSelector([.. text.Split(',').Where(part => part.Length > 0).Select(ParseRequirement)]);
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

    private static Requirement ParseRequirement(string part) => Form().Match(part) is { Success: true } match
        ? new Requirement(match.Groups["field"].Value.Trim(), match.Groups["value"].Value, Negated: match.Groups["sign"].Value == "!=")
        : throw Statuses.BadRequest($"invalid selector: '{part}'; can't understand '{part}'");

    /// <summary>Values that need escapes are not understood: no field that can be selected here has such a value.</summary>
    [GeneratedRegex(@"^(?<field>[^=!\\]+)(?<sign>==|=|!=)(?<value>[^=\\]*)$")]
    private static partial Regex Form();

    private sealed record Requirement(string Field, string Value, bool Negated);
}

namespace TKA.Contracts.Selectors;

/// <summary>
/// A label selector with the syntax and the meaning of Kubernetes (<c>k8s.io/apimachinery/pkg/labels</c>): <c>env=prod</c>,
/// <c>env==prod</c>, <c>env!=prod</c>, <c>env in (a,b)</c>, <c>env notin (a,b)</c>, <c>env</c>, <c>!env</c>, <c>size&gt;3</c>,
/// <c>size&lt;3</c>, joined by commas, all of which must hold. <c>!=</c> and <c>notin</c> also hold where the label is absent.
/// </summary>
public sealed class LabelSelector
{
    private readonly IReadOnlyList<LabelRequirement> _requirements;

    private LabelSelector(IReadOnlyList<LabelRequirement> requirements) => _requirements = requirements;

    /// <summary>Selects everything.</summary>
    public static LabelSelector Everything { get; } = new([]);

    /// <summary>Whether nothing is filtered out.</summary>
    public bool IsEmpty => _requirements.Count == 0;

    /// <summary>Reads a selector; blank text selects everything.</summary>
    /// <exception cref="FormatException">The text is no selector; the message says where and what is expected.</exception>
    public static LabelSelector Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return string.IsNullOrWhiteSpace(text) ? Everything : new LabelSelector(new LabelSelectorParser(text).Parse());
    }

    /// <summary>Whether something with these labels is selected.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        foreach (var requirement in _requirements)
        {
            if (!requirement.Holds(labels.GetValueOrDefault(requirement.Key)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether something with these labels is selected; for labels that are kept as a list, of which the first of a key counts.</summary>
    public bool Matches(IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        foreach (var requirement in _requirements)
        {
            if (!requirement.Holds(Find(labels, requirement.Key)))
            {
                return false;
            }
        }

        return true;
    }

    private static string? Find(IReadOnlyList<KeyValuePair<string, string>> labels, string key)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i].Key == key)
            {
                return labels[i].Value;
            }
        }

        return null;
    }
}

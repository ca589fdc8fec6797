namespace TKA.Orchestrator.Selectors;

/// <summary>
/// A label selector as kubectl takes it: <c>env=prod</c>, <c>env==prod</c>, <c>env!=prod</c>, <c>env in (a,b)</c>,
/// <c>env notin (a,b)</c>, <c>env</c>, <c>!env</c>, joined by commas, all of which must hold. As in Kubernetes,
/// <c>!=</c> and <c>notin</c> also hold where the label is absent.
/// </summary>
internal sealed class LabelSelector
{
    private readonly IReadOnlyList<Requirement> _requirements;

    private LabelSelector(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    /// <summary>Selects everything.</summary>
    public static LabelSelector Everything { get; } = new([]);

    /// <exception cref="FormatException">The text is no selector; the message says where and what is expected.</exception>
    public static LabelSelector Parse(string text) =>
        string.IsNullOrWhiteSpace(text) ? Everything : new LabelSelector(new LabelSelectorParser(text).Parse());

    public bool Matches(IReadOnlyDictionary<string, string> labels) => _requirements.All(requirement => requirement.Matches(labels));

    internal enum Operator
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
    }

    internal sealed record Requirement(string Key, Operator Operator, IReadOnlyList<string> Values)
    {
        public bool Matches(IReadOnlyDictionary<string, string> labels)
        {
            var present = labels.TryGetValue(Key, out var value);
            return Operator switch
            {
                Operator.In => present && Values.Contains(value),
                Operator.NotIn => !present || !Values.Contains(value),
                Operator.Exists => present,
                _ => !present,
            };
        }
    }
}

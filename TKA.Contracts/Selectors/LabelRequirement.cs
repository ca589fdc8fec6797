using System.Globalization;

namespace TKA.Contracts.Selectors;

/// <summary>How a label must relate to the values of a requirement.</summary>
internal enum LabelOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

/// <summary>One of the conditions of a <see cref="LabelSelector"/>.</summary>
/// <param name="Key">Key of the label.</param>
/// <param name="Operator">The relation.</param>
/// <param name="Values">The values; one integer for the comparisons, none for existence.</param>
internal sealed record LabelRequirement(string Key, LabelOperator Operator, IReadOnlyList<string> Values)
{
    /// <summary>Whether a label's value meets it; <see langword="null"/>: the label is absent.</summary>
    public bool Holds(string? value) => Operator switch
    {
        LabelOperator.In => value is not null && Values.Contains(value),
        LabelOperator.NotIn => value is null || !Values.Contains(value),
        LabelOperator.Exists => value is not null,
        LabelOperator.DoesNotExist => value is null,
        LabelOperator.GreaterThan => TryInteger(value, out var number) && TryInteger(Values[0], out var bound) && number > bound,
        _ => TryInteger(value, out var number) && TryInteger(Values[0], out var bound) && number < bound,
    };

    /// <summary>Reads an integer as Go's <c>strconv.ParseInt</c> does.</summary>
    public static bool TryInteger(string? text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}

namespace TKA.Tailscale.Capabilities;

/// <summary>Why the capability values of a peer cannot be used.</summary>
/// <param name="Kind">What is wrong, for the status of an answer.</param>
/// <param name="Rule">Index of the rule in the capability's list, from 0; <see langword="null"/> when the list itself is wrong.</param>
/// <param name="Field">Name of the offending field; <see langword="null"/> when the rule itself is wrong.</param>
/// <param name="Message">What is wrong and what is expected, rule and field included, for people.</param>
public sealed record CapabilityError(CapabilityErrorKind Kind, int? Rule, string? Field, string Message);

/// <summary>Kinds of <see cref="CapabilityError"/>.</summary>
public enum CapabilityErrorKind
{
    /// <summary>Not the JSON a rule must be: wrong type, missing field, impossible value.</summary>
    Malformed,

    /// <summary>Well formed, but <c>period</c> is no duration.</summary>
    Period,
}

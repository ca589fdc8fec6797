namespace TKA.Contracts;

/// <summary>Names of namespaces and clusters: labels as in RFC 1123, which Kubernetes asks for.</summary>
public static class DnsLabel
{
    /// <summary>Whether a name is one: 1 to 63 of <c>a-z</c>, <c>0-9</c> and <c>-</c>, with no <c>-</c> at either end.</summary>
    /// <param name="name">The name.</param>
    public static bool IsValid(string name) =>
        name is { Length: > 0 and <= 63 }
        && name[0] != '-'
        && name[^1] != '-'
        && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');
}

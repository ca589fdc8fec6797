using System.Text.RegularExpressions;

namespace TKA.Contracts.Selectors;

/// <summary>What Kubernetes allows as label keys and values.</summary>
public static partial class LabelSyntax
{
    /// <summary>What is wrong with a key; null when nothing is.</summary>
    public static string? CheckKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var (prefix, name) = slash < 0 ? (null, key) : (key[..slash], key[(slash + 1)..]);
        if (prefix is not null && (prefix.Length > 253 || !DnsSubdomain().IsMatch(prefix)))
        {
            return $"the prefix of the key '{Shorten(key)}' is no DNS subdomain.";
        }

        return Name().IsMatch(name) ? null : $"'{Shorten(key)}' is no label key: letters, digits, '-', '_' and '.', at most 63, beginning and ending with a letter or digit.";
    }

    /// <summary>What is wrong with a value; null when nothing is.</summary>
    public static string? CheckValue(string value) =>
        string.IsNullOrEmpty(value) || Name().IsMatch(value)
            ? null
            : $"'{Shorten(value)}' is no label value: letters, digits, '-', '_' and '.', at most 63, beginning and ending with a letter or digit.";

    private static string Shorten(string text)
    {
        var plain = string.Concat(text.Where(c => !char.IsControl(c)));
        return plain.Length <= 64 ? plain : string.Concat(plain.AsSpan(0, 64), "…");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\z")]
    private static partial Regex DnsSubdomain();
}

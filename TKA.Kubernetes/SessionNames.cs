using System.Security.Cryptography;
using System.Text;

namespace TKA.Kubernetes;

/// <summary>
/// Names of a session's objects. The rule is total (any login name gives a valid RFC 1123 label) and stable over releases:
/// <c>tka-user-&lt;slug&gt;-&lt;8 hex of SHA-256 of the lower-cased login name&gt;</c>.
/// </summary>
/// <remarks>
/// The slug only helps people; the hash makes <c>alice@example.com</c> and <c>alice@other.org</c> two sessions. Eight hex
/// digits can collide in principle, so whoever finds an existing object compares the full login name stored in it.
/// </remarks>
public static class SessionNames
{
    /// <summary>Longest slug, in characters. With prefix and hash the name stays within the 63 of an RFC 1123 label.</summary>
    public const int MaxSlugLength = 40;

    private const string Prefix = "tka-user-";
    private const int HashBytes = 4;

    /// <summary>Name of the TkaSignin, which is also the name of the ServiceAccount.</summary>
    /// <param name="loginName">Full login name; compared without regard to case.</param>
    public static string ForLogin(string loginName) => string.Concat(Prefix, UserSlug(loginName));

    /// <summary>The part of the name that identifies the person, <c>&lt;slug&gt;-&lt;hash&gt;</c>, as used in kubeconfig entries.</summary>
    /// <param name="loginName">Full login name.</param>
    public static string UserSlug(string loginName)
    {
        ArgumentNullException.ThrowIfNull(loginName);
        var folded = loginName.ToLowerInvariant();
        return string.Concat(Slug(folded), "-", ShortHash(folded));
    }

    /// <summary>Name of the binding of a role to a session's ServiceAccount. A changed role gives another name, because <c>roleRef</c> is immutable.</summary>
    /// <param name="sessionNamespace">Namespace of the TkaSignin: names of ClusterRoleBindings are the whole cluster's.</param>
    /// <param name="sessionName">Name of the TkaSignin.</param>
    /// <param name="role">Name of the ClusterRole.</param>
    public static string ForBinding(string sessionNamespace, string sessionName, string role)
    {
        ArgumentNullException.ThrowIfNull(sessionNamespace);
        ArgumentNullException.ThrowIfNull(role);
        return string.Concat(sessionName, "-", ShortHash($"{sessionNamespace}/{role}"));
    }

    private static string Slug(string folded)
    {
        var at = folded.IndexOf('@', StringComparison.Ordinal);
        var local = at < 0 ? folded.AsSpan() : folded.AsSpan(0, at);
        Span<char> slug = stackalloc char[MaxSlugLength];
        var length = 0;
        foreach (var c in local)
        {
            if (length == MaxSlugLength)
            {
                break;
            }

            if (char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c))
            {
                slug[length++] = c;
            }
            else if (length > 0 && slug[length - 1] != '-')
            {
                slug[length++] = '-';
            }
        }

        var trimmed = slug[..length].TrimEnd('-');
        return trimmed.IsEmpty ? "user" : trimmed.ToString();
    }

    private static string ShortHash(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return Convert.ToHexStringLower(hash[..HashBytes]);
    }
}

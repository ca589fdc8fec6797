using System.Security.Cryptography;
using System.Text;

namespace TKA.Contracts.Sessions;

/// <summary>
/// Names of a session's objects. The rule is total (any login name gives a valid name) and stable over releases. The base session is
/// <c>tka-user-&lt;slug&gt;-&lt;8 hex of SHA-256 of the lower-cased login name&gt;</c>, an RFC 1123 label. A session beside it has the same
/// name with a shorter slug, followed by <c>.&lt;8 hex of SHA-256 of the role&gt;</c>; no slug contains a '.'.
/// </summary>
/// <remarks>
/// The slug only helps people; the hash makes <c>alice@example.com</c> and <c>alice@other.org</c> two sessions. Eight hex
/// digits can collide in principle, so code that finds an existing object must compare the full login name stored in it.
/// </remarks>
public static class SessionNames
{
    /// <summary>Longest slug, in characters. With prefix and hash the name stays within the 63 of an RFC 1123 label.</summary>
    public const int MaxSlugLength = 40;

    /// <summary>Longest slug of a session beside the base session, in characters: the whole name is then a label value of at most 63.</summary>
    public const int MaxSlugLengthBeside = 36;

    private const string Prefix = "tka-user-";
    private const int HashBytes = 4;

    /// <summary>Name of the base session's TkaSignin, which is also the name of its ServiceAccount.</summary>
    /// <param name="loginName">Full login name; compared without regard to case.</param>
    public static string ForLogin(string loginName) => string.Concat(Prefix, UserSlug(loginName));

    /// <summary>Name of the TkaSignin and ServiceAccount of a session beside the base session.</summary>
    /// <param name="loginName">Full login name; compared without regard to case.</param>
    /// <param name="role">ClusterRole of the session.</param>
    public static string ForRole(string loginName, string role)
    {
        ArgumentNullException.ThrowIfNull(role);
        return string.Concat(Prefix, UserSlug(loginName, MaxSlugLengthBeside), ".", ShortHash(role));
    }

    /// <summary>Whether a TkaSignin of this name is a base session.</summary>
    public static bool IsBase(string sessionName)
    {
        ArgumentNullException.ThrowIfNull(sessionName);
        return !sessionName.Contains('.', StringComparison.Ordinal);
    }

    /// <summary>The part of a session's name after <c>tka-user-</c>, as used in kubeconfig entries: different for every session of a person.</summary>
    public static string Suffix(string sessionName)
    {
        ArgumentNullException.ThrowIfNull(sessionName);
        return sessionName.StartsWith(Prefix, StringComparison.Ordinal) ? sessionName[Prefix.Length..] : sessionName;
    }

    /// <summary>The part of the base session's name that identifies the person, <c>&lt;slug&gt;-&lt;hash&gt;</c>; also the value of <see cref="TkaLabels.SessionOf"/>.</summary>
    /// <param name="loginName">Full login name; compared without regard to case.</param>
    public static string UserSlug(string loginName) => UserSlug(loginName, MaxSlugLength);

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

    private static string UserSlug(string loginName, int maxSlugLength)
    {
        ArgumentNullException.ThrowIfNull(loginName);
        var folded = loginName.ToLowerInvariant();
        return string.Concat(Slug(folded, maxSlugLength), "-", ShortHash(folded));
    }

    private static string Slug(string folded, int maxLength)
    {
        var at = folded.IndexOf('@', StringComparison.Ordinal);
        var local = at < 0 ? folded.AsSpan() : folded.AsSpan(0, at);
        Span<char> slug = stackalloc char[MaxSlugLength];
        var length = 0;
        foreach (var c in local)
        {
            if (length == maxLength)
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

using TKA.Contracts.Sessions;

namespace TKA.Kubernetes.Sessions;

/// <summary>What identifies a session: a person holds one for each role.</summary>
/// <param name="Person">The lower-cased full login name.</param>
/// <param name="Role">ClusterRole.</param>
public readonly record struct SessionKey(string Person, string Role)
{
    /// <summary>The key of a person's session of one role.</summary>
    /// <param name="loginName">Full login name; compared without regard to case.</param>
    /// <param name="role">ClusterRole.</param>
    public static SessionKey For(string loginName, string role)
    {
        ArgumentNullException.ThrowIfNull(loginName);
        return new SessionKey(loginName.ToLowerInvariant(), role);
    }

    /// <summary>Value under which a cache indexes a person's sessions: the same for all of them, and for those of earlier versions, which lack the label.</summary>
    public static string IndexOf(TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return SessionNames.UserSlug(signin.Spec.Username);
    }
}

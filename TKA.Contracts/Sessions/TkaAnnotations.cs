namespace TKA.Contracts.Sessions;

/// <summary>Annotations on TKA's objects.</summary>
public static class TkaAnnotations
{
    /// <summary>When the person last asked to sign in, RFC 3339. The session's end is computed from it.</summary>
    public const string LastAttemptedSignIn = $"{TkaSigninResource.Group}/last-attempted-sign-in";

    /// <summary>When the session ends, RFC 3339. For readers; the operator computes the end itself.</summary>
    public const string SignInValidUntil = $"{TkaSigninResource.Group}/sign-in-valid-until";

    /// <summary>The full login name, on every object of a session (object names only carry a slug and a hash).</summary>
    public const string Username = $"{TkaSigninResource.Group}/username";

    /// <summary>Id of the installation whose API started the session. Another installation's API neither rechecks nor ends it.</summary>
    public const string Installation = $"{TkaSigninResource.Group}/installation";

    /// <summary>W3C <c>traceparent</c> of the login, so that the operator's reconcile continues the caller's trace.</summary>
    public const string TraceParent = $"{TkaSigninResource.Group}/traceparent";
}

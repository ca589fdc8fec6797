namespace TKA.Contracts.Sessions;

/// <summary>Labels on TKA's objects. Clean-up finds a session's objects by them, also when the TkaSignin is gone.</summary>
public static class TkaLabels
{
    /// <summary>Kubernetes' recommended label that says which tool manages an object.</summary>
    public const string ManagedBy = "app.kubernetes.io/managed-by";

    /// <summary>Value of <see cref="ManagedBy"/>.</summary>
    public const string ManagedByValue = "tka";

    /// <summary>Name of the TkaSignin an object belongs to.</summary>
    public const string Session = $"{TkaSigninResource.Group}/session";

    /// <summary>The person an object belongs to, as <see cref="SessionNames.UserSlug(string)"/>: the same on the objects of all sessions of one person.</summary>
    public const string SessionOf = $"{TkaSigninResource.Group}/session-of";

    /// <summary>UID of the TkaSignin an object belongs to: a new session of the same name does not own what an old one left.</summary>
    public const string SessionUid = $"{TkaSigninResource.Group}/session-uid";

    /// <summary>
    /// Namespace of the TkaSignin an object belongs to: bindings are cluster-wide or in other namespaces, and a cluster may hold more
    /// than one installation of TKA, each of which must leave the other's alone.
    /// </summary>
    public const string SessionNamespace = $"{TkaSigninResource.Group}/session-namespace";
}

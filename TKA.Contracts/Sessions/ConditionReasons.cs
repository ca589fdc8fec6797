namespace TKA.Contracts.Sessions;

/// <summary>The <c>Ready</c> condition of a TkaSignin and its reasons.</summary>
public static class ConditionReasons
{
    /// <summary>Type of the summary condition.</summary>
    public const string ReadyType = "Ready";

    /// <summary>
    /// Type of the condition that a sign-in's time was too far in the future, so that the session counts from when the operator saw it;
    /// its message is the annotation's text. Absent: the time counts.
    /// </summary>
    public const string SignInTimeType = "SignInTime";

    /// <summary>Reason of <see cref="SignInTimeType"/>.</summary>
    public const string InFuture = "InFuture";

    /// <summary>
    /// Type of the condition that namespaces of the grant do not exist, with reason <see cref="NamespaceNotFound"/>: the role is bound in
    /// the others, and in these when they appear. Absent: all exist.
    /// </summary>
    public const string NamespacesType = "NamespacesBound";

    /// <summary>True: access is set up.</summary>
    public const string Provisioned = "Provisioned";

    /// <summary>Being set up.</summary>
    public const string Provisioning = "Provisioning";

    /// <summary>The role is not among those the operator may bind.</summary>
    public const string RoleNotAllowed = "RoleNotAllowed";

    /// <summary>No ClusterRole of that name.</summary>
    public const string RoleNotFound = "RoleNotFound";

    /// <summary>An admission policy or webhook of the cluster refuses the role's binding.</summary>
    public const string DeniedByPolicy = "DeniedByPolicy";

    /// <summary>No namespace of the grant exists.</summary>
    public const string NamespaceNotFound = "NamespaceNotFound";

    /// <summary>The validity period is unreadable or too short.</summary>
    public const string InvalidPeriod = "InvalidPeriod";

    /// <summary>The person holds as many sessions as one person can.</summary>
    public const string TooManySessions = "TooManySessions";

    /// <summary>The session is over.</summary>
    public const string Expired = "Expired";

    /// <summary>An object that is not ours has the name we need.</summary>
    public const string NameTaken = "NameTaken";

    /// <summary>Revoking access failed and is being retried.</summary>
    public const string RevocationFailed = "RevocationFailed";

    /// <summary>Setting up failed and is being retried.</summary>
    public const string Failed = "Failed";

    /// <summary>Whether a reason is a refusal: only a change of the policy or the cluster cures it, not the operator's next try.</summary>
    public static bool IsRejection(string? reason) =>
        reason is RoleNotAllowed or DeniedByPolicy or RoleNotFound or NamespaceNotFound or InvalidPeriod or NameTaken or TooManySessions;
}

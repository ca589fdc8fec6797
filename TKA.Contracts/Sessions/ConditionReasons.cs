namespace TKA.Contracts.Sessions;

/// <summary>The <c>Ready</c> condition of a TkaSignin and its reasons.</summary>
public static class ConditionReasons
{
    /// <summary>Type of the summary condition.</summary>
    public const string ReadyType = "Ready";

    /// <summary>
    /// Type of the condition that a sign-in's time was too far in the future to be believed, so that the session counts from
    /// when the operator saw it; its message is the annotation's text. Absent: the time was believed.
    /// </summary>
    public const string SignInTimeType = "SignInTime";

    /// <summary>Reason of <see cref="SignInTimeType"/>.</summary>
    public const string InFuture = "InFuture";

    /// <summary>True: access is set up.</summary>
    public const string Provisioned = "Provisioned";

    /// <summary>Being set up.</summary>
    public const string Provisioning = "Provisioning";

    /// <summary>The role is not among those the operator may bind.</summary>
    public const string RoleNotAllowed = "RoleNotAllowed";

    /// <summary>No ClusterRole of that name.</summary>
    public const string RoleNotFound = "RoleNotFound";

    /// <summary>A namespace of the grant does not exist.</summary>
    public const string NamespaceNotFound = "NamespaceNotFound";

    /// <summary>The validity period is unreadable or too short.</summary>
    public const string InvalidPeriod = "InvalidPeriod";

    /// <summary>The session is over.</summary>
    public const string Expired = "Expired";

    /// <summary>An object that is not ours has the name we need.</summary>
    public const string NameTaken = "NameTaken";

    /// <summary>Taking the rights away failed and is being retried.</summary>
    public const string RevocationFailed = "RevocationFailed";

    /// <summary>Setting up failed and is being retried.</summary>
    public const string Failed = "Failed";

    /// <summary>Whether a reason is a refusal that waiting does not cure.</summary>
    public static bool IsRejection(string? reason) =>
        reason is RoleNotAllowed or RoleNotFound or NamespaceNotFound or InvalidPeriod or NameTaken;
}

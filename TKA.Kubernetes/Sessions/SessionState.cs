namespace TKA.Kubernetes.Sessions;

/// <summary>What a TkaSignin means at a moment.</summary>
public enum SessionState
{
    /// <summary>Its time is over, or it is being ended. It gives nothing and is not shown.</summary>
    Over,

    /// <summary>Asked for; the operator has not acted on the current spec and the latest sign-in yet, or it failed and is repeated.</summary>
    Pending,

    /// <summary>Usable.</summary>
    Ready,

    /// <summary>Refused by the operator; the condition says why.</summary>
    Rejected,
}

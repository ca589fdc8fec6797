using TKA.Kubernetes.Sessions;

namespace TKA.Operator.Ledger;

/// <summary>The ledger: which person had which role when, and how it ended. Adding an entry never waits and never fails; entries are written in the background.</summary>
internal interface ISessionLedger
{
    /// <summary>Notes that a session has access, or has it on other terms than before.</summary>
    void Granted(TkaSignin signin, SessionWindow window);

    /// <summary>Notes that a session's access is revoked.</summary>
    /// <param name="signin">Its TkaSignin, as it was.</param>
    /// <param name="how">One of <see cref="SessionEndings"/>.</param>
    /// <param name="at">When.</param>
    /// <param name="bound">Its time, if its role was found bound: the operator may have died before the status said that it had access.</param>
    void Ended(TkaSignin signin, string how, DateTimeOffset at, SessionWindow? bound = null);

    /// <summary>Notes that the access of a session is revoked whose TkaSignin had disappeared.</summary>
    void Vanished(string uid, string name, DateTimeOffset at);

    /// <summary>
    /// Whether what there is to say about a session outlives this process, or nothing can be done about it: only then may its
    /// TkaSignin, the last other trace of it, go. Its access is revoked by then, and no answer of the ledger's store is waited for.
    /// </summary>
    bool IsKept(string uid);

    /// <summary>Brings the ledger in line with the cluster after a time away, in the background. Called when this replica begins to lead and knows all sessions.</summary>
    void Replay();
}

/// <summary>How sessions end.</summary>
internal static class SessionEndings
{
    /// <summary>Its time was over.</summary>
    public const string Expired = "expired";

    /// <summary>Signed out, ended by an admin, or its TkaSignin deleted by hand.</summary>
    public const string Ended = "ended";

    /// <summary>Its TkaSignin disappeared without the operator having a say: force-deleted, or deleted with its namespace.</summary>
    public const string Vanished = "vanished";

    /// <summary>It asked for something that is refused, after it had been granted something else.</summary>
    public const string Rejected = "rejected";
}

using TKA.Kubernetes.Signins;
using TKA.Operator.Sessions;

namespace TKA.Operator.Ledger;

/// <summary>The books: who had which role when, and how it ended. Taking note never waits and never fails; writing happens behind.</summary>
internal interface ISessionLedger
{
    /// <summary>Notes that a session has access, or has it on other terms than before.</summary>
    void Granted(TkaSignin signin, SessionWindow window);

    /// <summary>Notes that a session's access is gone.</summary>
    /// <param name="uid">Uid of its TkaSignin.</param>
    /// <param name="name">Name of its TkaSignin.</param>
    /// <param name="how">One of <see cref="SessionEndings"/>.</param>
    /// <param name="at">When.</param>
    void Ended(string uid, string name, string how, DateTimeOffset at);

    /// <summary>Brings the books in line with the cluster after a time away, behind. Called when this replica begins to lead and knows all sessions.</summary>
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

namespace TKA.Operator.Sessions.Access;

/// <summary>The session cannot be given what it asks for now.</summary>
/// <param name="reason">One of <see cref="Contracts.Sessions.ConditionReasons"/>.</param>
/// <param name="message">What happened and what to do about it.</param>
/// <param name="isCurable">
/// Whether a change in the cluster cures it (a role, a namespace, a policy): the session is then tried again by itself, and keeps its
/// ServiceAccount, so that its tokens are good again afterwards.
/// </param>
internal sealed class SessionRejectedException(string reason, string message, bool isCurable) : Exception(message)
{
    public string Reason { get; } = reason;

    public bool IsCurable { get; } = isCurable;
}

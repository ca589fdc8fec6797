namespace TKA.Operator.Sessions.Access;

/// <summary>The session cannot be given what it asks for, and trying again at once will not help.</summary>
/// <param name="reason">One of <see cref="Contracts.Sessions.ConditionReasons"/>.</param>
/// <param name="message">What happened and what to do about it.</param>
internal sealed class SessionRejectedException(string reason, string message) : Exception(message)
{
    public string Reason { get; } = reason;
}

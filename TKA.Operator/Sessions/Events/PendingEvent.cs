using k8s.Models;

namespace TKA.Operator.Sessions.Events;

/// <summary>An Event to write.</summary>
/// <param name="Regarding">The object it is about.</param>
/// <param name="Type"><c>Normal</c> or <c>Warning</c>.</param>
/// <param name="Reason">One of <see cref="EventReasons"/>.</param>
/// <param name="Message">For people.</param>
/// <param name="First">When it happened first.</param>
internal sealed record PendingEvent(V1ObjectReference Regarding, string Type, string Reason, string Message, DateTimeOffset First)
{
    /// <summary>How often it happened since.</summary>
    public int Count { get; init; } = 1;

    /// <summary>When it happened last.</summary>
    public DateTimeOffset Last { get; init; } = First;

    public EventKey Key => new(Regarding.Uid, Reason, Message);
}

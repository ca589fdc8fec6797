namespace TKA.Operator.Runtime.Queues;

/// <summary>Which lane of a <see cref="WorkQueue{TKey}"/> a key waits in.</summary>
internal enum QueuePriority
{
    /// <summary>In turn.</summary>
    Normal,

    /// <summary>Before everything normal: work whose delay is a security matter, such as taking rights away.</summary>
    Urgent,
}

namespace TKA.Operator.Runtime.Queues;

/// <summary>Which lane of a <see cref="WorkQueue{TKey}"/> a key waits in; a higher one goes first.</summary>
internal enum QueuePriority
{
    /// <summary>After everything else: work that no person waits for, such as looking again at what is well.</summary>
    Background,

    /// <summary>In turn.</summary>
    Normal,

    /// <summary>Before everything normal: work whose delay is a security matter, such as taking rights away.</summary>
    Urgent,
}

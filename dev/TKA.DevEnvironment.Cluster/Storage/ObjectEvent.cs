namespace TKA.DevEnvironment.Cluster.Storage;

/// <summary>What a write did to an object.</summary>
internal enum ChangeType
{
    /// <summary>It did not exist before.</summary>
    Added,

    /// <summary>It was replaced.</summary>
    Modified,

    /// <summary>The object was deleted.</summary>
    Deleted,
}

/// <summary>One write to the store.</summary>
/// <param name="Revision">Resource version of the write.</param>
/// <param name="Type">What happened.</param>
/// <param name="Current">The object after the write; for a deletion its last state, carrying the deletion's resource version.</param>
/// <param name="Previous">What the store held before; null when added.</param>
internal sealed record ObjectEvent(long Revision, ChangeType Type, StoredObject Current, StoredObject? Previous);

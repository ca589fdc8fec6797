namespace TKA.Kubernetes.Client;

/// <summary>What a watch reports.</summary>
public enum ResourceEventType
{
    /// <summary>New, or newly selected.</summary>
    Added,

    /// <summary>Changed.</summary>
    Modified,

    /// <summary>Gone, or no longer selected.</summary>
    Deleted,

    /// <summary>Nothing changed; only <c>metadata.resourceVersion</c> is meaningful.</summary>
    Bookmark,
}

/// <summary>One change.</summary>
/// <typeparam name="T">Type of the object.</typeparam>
/// <param name="Type">What happened.</param>
/// <param name="Resource">The object after it; for a deletion its last state.</param>
public readonly record struct WatchEvent<T>(ResourceEventType Type, T Resource);

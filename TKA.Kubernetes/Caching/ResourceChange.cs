namespace TKA.Kubernetes.Caching;

/// <summary>What a cache learned about one object.</summary>
/// <typeparam name="T">Type of the object.</typeparam>
/// <param name="Key">Which object.</param>
/// <param name="Previous">What the cache held; <see langword="null"/>: the object is new to it.</param>
/// <param name="Current">What it holds now; <see langword="null"/>: the object is gone.</param>
public readonly record struct ResourceChange<T>(ObjectKey Key, T? Previous, T? Current)
    where T : class;

using k8s;
using k8s.Models;

namespace TKA.Kubernetes.Caching;

/// <summary>A local copy of a set of objects, kept current by a watch. Reading costs no request. Objects are shared: never change one.</summary>
/// <typeparam name="T">Type of the objects.</typeparam>
public interface IResourceCache<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Whether the first full list has arrived. Before that, absence means nothing.</summary>
    bool HasSynced { get; }

    /// <summary>Number of objects.</summary>
    int Count { get; }

    /// <summary>Completes when <see cref="HasSynced"/> becomes true.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);

    /// <summary>The object, or <see langword="null"/>.</summary>
    T? Get(ObjectKey key);

    /// <summary>All objects, as of now.</summary>
    IReadOnlyList<T> List();

    /// <summary>The objects to which an index gives this value.</summary>
    /// <param name="index">Name given to <see cref="AddIndex"/>.</param>
    /// <param name="value">Value looked for.</param>
    IReadOnlyList<T> ByIndex(string index, string value);

    /// <summary>Adds an index. Do it before the cache starts.</summary>
    /// <param name="index">Name of the index.</param>
    /// <param name="valuesOf">The values of one object.</param>
    void AddIndex(string index, Func<T, IEnumerable<string>> valuesOf);

    /// <summary>
    /// Calls a handler for each change, in order, on the watching task: it must be quick and must not throw. Objects already
    /// cached are reported first, as new.
    /// </summary>
    /// <returns>Dispose to stop.</returns>
    IDisposable Subscribe(Action<ResourceChange<T>> handler);

    /// <summary>
    /// Waits until the object satisfies a condition, without a request: what the cache holds is looked at first, then each
    /// change. A long poll is this with a cancellation token that fires at its deadline.
    /// </summary>
    /// <param name="key">Which object.</param>
    /// <param name="predicate">Called with <see langword="null"/> while there is no such object. Quick and without side effects.</param>
    /// <param name="cancellationToken">Ends the wait with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The object that satisfied it.</returns>
    Task<T?> WaitForAsync(ObjectKey key, Func<T?, bool> predicate, CancellationToken cancellationToken);

    /// <summary>
    /// Takes in the answer to a write of our own, so that the next read sees it before the watch reports it. Ignored when the
    /// cache already knows something newer.
    /// </summary>
    void Observe(T written);

    /// <summary>Takes in that an object is gone for good by a deletion of our own.</summary>
    void ObserveDeleted(T deleted);
}

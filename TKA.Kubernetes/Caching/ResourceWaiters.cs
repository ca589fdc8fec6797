namespace TKA.Kubernetes.Caching;

/// <summary>Those who wait for an object to satisfy a condition. Not thread-safe; the store's lock guards it.</summary>
internal sealed class ResourceWaiters<T>
    where T : class
{
    private readonly Dictionary<ObjectKey, List<Waiter>> _waiters = [];

    public Waiter Add(ObjectKey key, Func<T?, bool> predicate)
    {
        if (!_waiters.TryGetValue(key, out var waiters))
        {
            _waiters.Add(key, waiters = []);
        }

        var waiter = new Waiter(predicate);
        waiters.Add(waiter);
        return waiter;
    }

    public void Remove(ObjectKey key, Waiter waiter)
    {
        if (_waiters.TryGetValue(key, out var waiters) && waiters.Remove(waiter) && waiters.Count == 0)
        {
            _waiters.Remove(key);
        }
    }

    /// <summary>Shows the object as it is now to those who wait for it.</summary>
    public void Offer(ObjectKey key, T? current)
    {
        if (_waiters.TryGetValue(key, out var waiters))
        {
            foreach (var waiter in waiters)
            {
                waiter.Offer(current);
            }
        }
    }

    /// <summary>One wait.</summary>
    internal sealed class Waiter(Func<T?, bool> predicate)
    {
        private readonly TaskCompletionSource<T?> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T?> Task => _completion.Task;

        public void Offer(T? current)
        {
            if (!_completion.Task.IsCompleted && predicate(current))
            {
                _completion.TrySetResult(current);
            }
        }
    }
}

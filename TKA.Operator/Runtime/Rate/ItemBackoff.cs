using TKA.Kubernetes.Caching;

namespace TKA.Operator.Runtime.Rate;

/// <summary>Exponential backoff with jitter, counted per key.</summary>
internal sealed class ItemBackoff<TKey>(TimeSpan initial, TimeSpan max, Random? random = null)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, int> _failures = [];
    private readonly Random _random = random ?? Random.Shared;

    public TimeSpan Next(TKey key)
    {
        lock (_lock)
        {
            var failures = _failures.GetValueOrDefault(key);
            _failures[key] = failures + 1;
            return JitteredBackoff.Delay(failures, initial, max) * (0.75 + (_random.NextDouble() / 4));
        }
    }

    public int Failures(TKey key)
    {
        lock (_lock)
        {
            return _failures.GetValueOrDefault(key);
        }
    }

    public void Forget(TKey key)
    {
        lock (_lock)
        {
            _failures.Remove(key);
        }
    }
}

namespace TKA.Operator.Runtime.Queues;

/// <summary>Keys that become due, each once, in order, with one timer for all.</summary>
/// <typeparam name="TKey">What becomes due.</typeparam>
internal sealed class TimedKeys<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly SortedSet<Entry> _order = new(Comparer<Entry>.Create(static (one, other) => (one.Due, one.Number).CompareTo((other.Due, other.Number))));
    private readonly Dictionary<TKey, Entry> _entries = [];
    private readonly Func<TimeSpan> _now;
    private readonly Action<TKey> _onDue;
    private readonly TimeSpan _longestSleep;
    private readonly ITimer _timer;
    private long _number;
    private bool _disposed;

    /// <summary>Creates it, empty.</summary>
    /// <param name="time">Has the timer.</param>
    /// <param name="now">The time that decides what is due: of a wall clock, or since some moment.</param>
    /// <param name="onDue">Called once for each key when its time has come. Quick.</param>
    /// <param name="longestSleep">Look at <paramref name="now"/> at least so often, should it go on otherwise than timers do.</param>
    public TimedKeys(TimeProvider time, Func<TimeSpan> now, Action<TKey> onDue, TimeSpan? longestSleep = null)
    {
        _now = now;
        _onDue = onDue;
        _longestSleep = longestSleep ?? TimeSpan.MaxValue;
        _timer = time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Enters a key, or moves it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="due">When.</param>
    /// <param name="onlyEarlier">Whether it may only move forward.</param>
    public void Set(TKey key, TimeSpan due, bool onlyEarlier = false)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var before))
            {
                if (before.Due == due || (onlyEarlier && before.Due < due))
                {
                    return;
                }

                _order.Remove(before);
            }

            var entry = new Entry(due, _number++, key);
            _entries[key] = entry;
            _order.Add(entry);
            if (ReferenceEquals(_order.Min, entry))
            {
                Arm();
            }
        }
    }

    /// <summary>Strikes a key out.</summary>
    public void Remove(TKey key)
    {
        lock (_lock)
        {
            if (_entries.Remove(key, out var entry))
            {
                _order.Remove(entry);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _order.Clear();
            _entries.Clear();
        }

        _timer.Dispose();
    }

    private void Fire()
    {
        List<TKey> due = [];
        lock (_lock)
        {
            var now = _now();
            while (_order.Min is { } first && first.Due <= now)
            {
                _order.Remove(first);
                _entries.Remove(first.Key);
                due.Add(first.Key);
            }

            Arm();
        }

        foreach (var key in due)
        {
            _onDue(key);
        }
    }

    private void Arm()
    {
        if (_disposed || _order.Min is not { } first)
        {
            return;
        }

        // One millisecond more than computed: timers round down, and one that fires early would spin.
        var wait = first.Due - _now();
        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > _longestSleep ? _longestSleep : wait + TimeSpan.FromMilliseconds(1);
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private sealed record Entry(TimeSpan Due, long Number, TKey Key);
}

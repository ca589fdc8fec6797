namespace TKA.Operator.Runtime.Queues;

/// <summary>Keys that become due later, under one timer.</summary>
internal sealed class DelayedKeys<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TKey, long> _order = new();
    private readonly Dictionary<TKey, long> _due = [];
    private readonly TimeProvider _time;
    private readonly Action<TKey> _onDue;
    private readonly ITimer _timer;
    private bool _disposed;

    public DelayedKeys(TimeProvider time, Action<TKey> onDue)
    {
        _time = time;
        _onDue = onDue;
        _timer = time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _due.Count;
            }
        }
    }

    public void Add(TKey key, TimeSpan delay)
    {
        lock (_lock)
        {
            var due = _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
            if (_due.TryGetValue(key, out var earlier) && earlier <= due)
            {
                return;
            }

            _due[key] = due;
            _order.Enqueue(key, due);
            Arm();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _due.Clear();
            _order.Clear();
        }

        _timer.Dispose();
    }

    private void Fire()
    {
        List<TKey> ready = [];
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            while (_order.TryPeek(out var key, out var due) && due <= now)
            {
                _order.Dequeue();

                // An entry that a nearer one has replaced.
                if (_due.TryGetValue(key, out var current) && current == due)
                {
                    _due.Remove(key);
                    ready.Add(key);
                }
            }

            Arm();
        }

        foreach (var key in ready)
        {
            _onDue(key);
        }
    }

    private void Arm()
    {
        if (_disposed || !_order.TryPeek(out _, out var due))
        {
            return;
        }

        var ticks = due - _time.GetTimestamp();
        // One millisecond more than computed: timers round down, and one that fires early would spin.
        var wait = ticks <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)ticks / _time.TimestampFrequency) + TimeSpan.FromMilliseconds(1);
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }
}

namespace TKA.Operator.Sessions.Expiry;

/// <summary>
/// Says which sessions are due, to the millisecond, with one timer for all. It holds nothing that cannot be computed again
/// from the objects, and it looks at the wall clock at least every <see cref="LongestSleep"/>, so that a clock that jumps, or a
/// machine that slept, delays nothing by more.
/// </summary>
internal sealed class ExpiryCalendar : IDisposable
{
    internal static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly SortedSet<(long DueTicks, string Name)> _order = [];
    private readonly Dictionary<string, long> _due = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly Action<string> _onDue;
    private readonly ITimer _timer;
    private bool _disposed;

    /// <summary>Creates a calendar.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="onDue">Called once per entry when its time has come. Quick.</param>
    public ExpiryCalendar(TimeProvider time, Action<string> onDue)
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

    /// <summary>Enters a session, or moves it.</summary>
    public void Set(string name, DateTimeOffset due)
    {
        lock (_lock)
        {
            if (_due.TryGetValue(name, out var before))
            {
                if (before == due.UtcTicks)
                {
                    return;
                }

                _order.Remove((before, name));
            }

            _due[name] = due.UtcTicks;
            _order.Add((due.UtcTicks, name));
            if (_order.Min.Name == name)
            {
                Arm();
            }
        }
    }

    /// <summary>Strikes a session out.</summary>
    public void Remove(string name)
    {
        lock (_lock)
        {
            if (_due.Remove(name, out var due))
            {
                _order.Remove((due, name));
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _order.Clear();
            _due.Clear();
        }

        _timer.Dispose();
    }

    private void Fire()
    {
        List<string> due = [];
        lock (_lock)
        {
            var now = _time.GetUtcNow().UtcTicks;
            while (_order.Count > 0 && _order.Min.DueTicks <= now)
            {
                var first = _order.Min;
                _order.Remove(first);
                _due.Remove(first.Name);
                due.Add(first.Name);
            }

            Arm();
        }

        foreach (var name in due)
        {
            _onDue(name);
        }
    }

    private void Arm()
    {
        if (_disposed || _order.Count == 0)
        {
            return;
        }

        var wait = TimeSpan.FromTicks(_order.Min.DueTicks - _time.GetUtcNow().UtcTicks);
        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestSleep ? LongestSleep : wait + TimeSpan.FromMilliseconds(1);
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }
}

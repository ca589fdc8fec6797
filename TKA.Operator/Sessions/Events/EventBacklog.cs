using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using TKA.Operator.Runtime.Queues;

namespace TKA.Operator.Sessions.Events;

/// <summary>
/// Events that wait to be written. Each waits a moment, so that the session's own requests go first; what repeats meanwhile, or within
/// a minute of having been written, is counted on it and costs no request of its own.
/// </summary>
internal sealed class EventBacklog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly long _created;
    private readonly int _capacity;
    private readonly Dictionary<EventKey, PendingEvent> _pending = [];
    private readonly Dictionary<EventKey, long> _writtenAt = [];
    private readonly Queue<EventKey> _writtenOrder = [];
    private readonly TimedKeys<EventKey> _waiting;
    private readonly Channel<EventKey> _due = Channel.CreateUnbounded<EventKey>(new UnboundedChannelOptions { SingleReader = true });
    private long? _lastAdded;

    public EventBacklog(TimeProvider time, int capacity)
    {
        _time = time;
        _created = time.GetTimestamp();
        _capacity = capacity;
        _waiting = new TimedKeys<EventKey>(time, () => Now, key => _due.Writer.TryWrite(key));
    }

    /// <summary>How long an Event waits at least.</summary>
    public static TimeSpan Delay { get; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the same Event is written at most; what comes in between is counted.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Events that are not written yet.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>Whether no Event has come for as long as an Event waits: sessions are not being worked on now.</summary>
    public bool IsQuiet
    {
        get
        {
            lock (_lock)
            {
                return _lastAdded is not { } at || _time.GetElapsedTime(at) >= Delay;
            }
        }
    }

    /// <summary>Events that were written within <see cref="Interval"/>, whose repetition waits for its end.</summary>
    internal int Remembered
    {
        get
        {
            lock (_lock)
            {
                return _writtenAt.Count;
            }
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(_created);

    /// <summary>Takes in an Event; <see langword="false"/> when the backlog is full.</summary>
    public bool Add(PendingEvent pending)
    {
        TimeSpan delay;
        lock (_lock)
        {
            _lastAdded = _time.GetTimestamp();
            if (_pending.TryGetValue(pending.Key, out var waiting))
            {
                _pending[pending.Key] = waiting with { Count = waiting.Count + 1, Last = pending.Last };
                return true;
            }

            if (_pending.Count >= _capacity)
            {
                return false;
            }

            _pending.Add(pending.Key, pending);
            delay = Wait(pending.Key);
        }

        _waiting.Set(pending.Key, Now + delay);
        return true;
    }

    /// <summary>Waits until an Event is due.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _due.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>The next Event that is due.</summary>
    public bool TryTake([NotNullWhen(true)] out PendingEvent? pending)
    {
        while (_due.Reader.TryRead(out var key))
        {
            lock (_lock)
            {
                if (_pending.Remove(key, out pending))
                {
                    Remember(key);
                    return true;
                }
            }
        }

        pending = null;
        return false;
    }

    /// <summary>Lets nothing wait any longer.</summary>
    public void Hasten()
    {
        lock (_lock)
        {
            foreach (var key in _pending.Keys)
            {
                _due.Writer.TryWrite(key);
            }
        }
    }

    public void Dispose() => _waiting.Dispose();

    private TimeSpan Wait(EventKey key)
    {
        if (!_writtenAt.TryGetValue(key, out var at))
        {
            return Delay;
        }

        var rest = Interval - _time.GetElapsedTime(at);
        return rest > Delay ? rest : Delay;
    }

    private void Remember(EventKey key)
    {
        while (_writtenOrder.TryPeek(out var oldest) && (!_writtenAt.TryGetValue(oldest, out var at) || _time.GetElapsedTime(at) >= Interval))
        {
            _writtenOrder.Dequeue();
            _writtenAt.Remove(oldest);
        }

        _writtenAt[key] = _time.GetTimestamp();
        _writtenOrder.Enqueue(key);
    }
}

/// <summary>What makes two Events the same.</summary>
internal readonly record struct EventKey(string Uid, string Reason, string Message);

using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using TKA.Operator.Runtime.Queues;

namespace TKA.Operator.Sessions.Events;

/// <summary>
/// News that wait to be written. Each waits a moment, so that the session's own requests go first; what repeats meanwhile, or within
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
    private readonly TimedKeys<EventKey> _waiting;
    private readonly Channel<EventKey> _due = Channel.CreateUnbounded<EventKey>(new UnboundedChannelOptions { SingleReader = true });
    private long? _lastNews;

    public EventBacklog(TimeProvider time, int capacity)
    {
        _time = time;
        _created = time.GetTimestamp();
        _capacity = capacity;
        _waiting = new TimedKeys<EventKey>(time, () => Now, key => _due.Writer.TryWrite(key));
    }

    /// <summary>How long news wait at least.</summary>
    public static TimeSpan Delay { get; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the same news are written at most; what comes in between is counted.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromMinutes(1);

    /// <summary>News that are not written yet.</summary>
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

    /// <summary>Whether nothing new has come for as long as news wait: sessions are not being worked on just now.</summary>
    public bool IsQuiet
    {
        get
        {
            lock (_lock)
            {
                return _lastNews is not { } at || _time.GetElapsedTime(at) >= Delay;
            }
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(_created);

    /// <summary>Takes in news; <see langword="false"/> when there is no room for more.</summary>
    public bool Add(PendingEvent news)
    {
        TimeSpan delay;
        lock (_lock)
        {
            _lastNews = _time.GetTimestamp();
            if (_pending.TryGetValue(news.Key, out var waiting))
            {
                _pending[news.Key] = waiting with { Count = waiting.Count + 1, Last = news.Last };
                return true;
            }

            if (_pending.Count >= _capacity)
            {
                return false;
            }

            _pending.Add(news.Key, news);
            delay = Wait(news.Key);
        }

        _waiting.Set(news.Key, Now + delay);
        return true;
    }

    /// <summary>Waits until some news are due.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _due.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>The next news that are due.</summary>
    public bool TryTake([NotNullWhen(true)] out PendingEvent? news)
    {
        while (_due.Reader.TryRead(out var key))
        {
            lock (_lock)
            {
                if (_pending.Remove(key, out news))
                {
                    Remember(key);
                    return true;
                }
            }
        }

        news = null;
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
        if (_writtenAt.Count >= _capacity)
        {
            _writtenAt.Clear();
        }

        _writtenAt[key] = _time.GetTimestamp();
    }
}

/// <summary>What makes news the same news.</summary>
internal readonly record struct EventKey(string Uid, string Reason, string Message);

using TKA.Operator.Runtime.Rate;

namespace TKA.Operator.Runtime.Queues;

/// <summary>
/// Keys waiting to be worked on. A key waits at most once however often it is added, and is never handed to two workers at
/// the same time: added while being worked on, it waits until that is done.
/// </summary>
/// <typeparam name="TKey">Names a piece of work; holds no state, so that a worker always looks at the latest.</typeparam>
internal sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Queue<TKey> _urgent = [];
    private readonly Queue<TKey> _normal = [];
    private readonly Dictionary<TKey, QueuePriority> _waiting = [];
    private readonly HashSet<TKey> _working = [];
    private readonly Queue<TaskCompletionSource> _takers = [];
    private readonly TimedKeys<TKey> _delayed;
    private readonly ItemBackoff<TKey> _backoff;
    private readonly TokenBucket _overallRate;
    private readonly TimeProvider _time;
    private readonly ITimer _pauseTimer;
    private readonly long _created;
    private TimeSpan _pausedUntil;
    private bool _closed;

    public WorkQueue(TimeProvider time, WorkQueueOptions options)
    {
        _time = time;
        _backoff = new ItemBackoff<TKey>(options.InitialBackoff, options.MaxBackoff, options.Random);
        _overallRate = new TokenBucket(time, options.RetriesPerSecond, options.RetryBurst);
        _created = time.GetTimestamp();
        _delayed = new TimedKeys<TKey>(time, () => Now, key => Add(key));
        _pauseTimer = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Durations only: no correction of the wall clock may hold work back.</summary>
    private TimeSpan Now => _time.GetElapsedTime(_created);

    /// <summary>Keys waiting now, without those whose time has not come.</summary>
    public int Depth
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Keys being worked on.</summary>
    public int Working
    {
        get
        {
            lock (_lock)
            {
                return _working.Count;
            }
        }
    }

    /// <summary>Keys whose time has not come.</summary>
    public int Delayed => _delayed.Count;

    /// <summary>Times a key came back after a failure.</summary>
    public long Retries { get; private set; }

    /// <summary>Adds a key; one that already waits may move to the urgent lane.</summary>
    public void Add(TKey key, QueuePriority priority = QueuePriority.Normal)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            if (_waiting.TryGetValue(key, out var waitsIn))
            {
                if (priority <= waitsIn)
                {
                    return;
                }

                // Its place in the normal lane stays behind and is skipped when reached.
                _waiting[key] = priority;
                if (!_working.Contains(key))
                {
                    _urgent.Enqueue(key);
                }

                return;
            }

            _waiting.Add(key, priority);
            if (!_working.Contains(key))
            {
                Enqueue(key, priority);
            }
        }
    }

    /// <summary>Adds a key after a delay. Of several delays the earliest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
        }
        else
        {
            _delayed.Set(key, Now + delay, onlyEarlier: true);
        }
    }

    /// <summary>Adds a key that failed: after its own exponential backoff, and no earlier than the overall rate of retries allows.</summary>
    /// <param name="key">The key.</param>
    /// <param name="atLeast">Never sooner than this.</param>
    /// <returns>The delay.</returns>
    public TimeSpan AddAfterFailure(TKey key, TimeSpan? atLeast = null)
    {
        var delay = _backoff.Next(key);
        var reserved = _overallRate.Reserve();
        if (reserved > delay)
        {
            delay = reserved;
        }

        if (atLeast > delay)
        {
            delay = atLeast.Value;
        }

        lock (_lock)
        {
            Retries++;
        }

        AddAfter(key, delay);
        return delay;
    }

    /// <summary>Forgets a key's failures: the next one starts at the shortest delay again.</summary>
    public void Forget(TKey key) => _backoff.Forget(key);

    /// <summary>Failures in a row of a key.</summary>
    public int Failures(TKey key) => _backoff.Failures(key);

    /// <summary>Hands out nothing before the delay is over: the other side asked for a pause.</summary>
    public void Pause(TimeSpan delay)
    {
        lock (_lock)
        {
            var until = Now + delay;
            if (until > _pausedUntil)
            {
                _pausedUntil = until;

                // A millisecond more: takers woken too early would sleep again, and no timer would wake them.
                _pauseTimer.Change(delay + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Waits for a key and takes it. Call <see cref="Done"/> when finished with it.</summary>
    /// <returns>Whether there is a key; <see langword="false"/> after <see cref="Close"/>.</returns>
    public async ValueTask<(bool Taken, TKey Key)> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource taker;
            lock (_lock)
            {
                if (_closed)
                {
                    return (false, default!);
                }

                if (Now >= _pausedUntil && TryDequeue(out var key))
                {
                    return (true, key);
                }

                taker = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _takers.Enqueue(taker);
            }

            await using (cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), taker))
            {
                await taker.Task;
            }
        }
    }

    /// <summary>Ends the work on a key; if it was added meanwhile it waits again.</summary>
    public void Done(TKey key)
    {
        lock (_lock)
        {
            _working.Remove(key);
            if (_waiting.TryGetValue(key, out var priority))
            {
                Enqueue(key, priority);
            }
        }
    }

    /// <summary>Hands out nothing more and takes in nothing more. Work that was handed out goes on.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }

        Wake();
    }

    public void Dispose()
    {
        Close();
        _delayed.Dispose();
        _pauseTimer.Dispose();
    }

    private void Enqueue(TKey key, QueuePriority priority)
    {
        (priority == QueuePriority.Urgent ? _urgent : _normal).Enqueue(key);

        // One that gave up waiting does not count. Continuations run elsewhere, so the lock is no matter.
        while (_takers.TryDequeue(out var taker) && !taker.TrySetResult())
        {
        }
    }

    private bool TryDequeue(out TKey key)
    {
        while (_urgent.TryDequeue(out key!) || _normal.TryDequeue(out key!))
        {
            // Places left behind by a move to the urgent lane are of keys that no longer wait, or are being worked on.
            if (!_working.Contains(key) && _waiting.Remove(key))
            {
                _working.Add(key);
                return true;
            }
        }

        return false;
    }

    private void Wake()
    {
        TaskCompletionSource[] takers;
        lock (_lock)
        {
            takers = [.. _takers];
            _takers.Clear();
        }

        foreach (var taker in takers)
        {
            taker.TrySetResult();
        }
    }
}

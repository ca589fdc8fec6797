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
    /// <summary>Retries of a key that the overall rate does not hold back.</summary>
    private const int PromptRetries = 2;

    private readonly Lock _lock = new();
    private readonly WorkLanes<TKey> _lanes;
    private readonly Dictionary<TKey, QueuePriority> _priorities = [];
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
        _lanes = new WorkLanes<TKey>(options.Workers);
        _backoff = new ItemBackoff<TKey>(options.InitialBackoff, options.MaxBackoff, options.Random);
        _overallRate = new TokenBucket(time, options.RetriesPerSecond, options.RetryBurst);
        _created = time.GetTimestamp();
        _delayed = new TimedKeys<TKey>(time, () => Now, AddDue);
        _pauseTimer = time.CreateTimer(_ => EndPause(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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
                return _lanes.Waiting;
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
                return _lanes.Working;
            }
        }
    }

    /// <summary>Keys whose time has not come.</summary>
    public int Delayed => _delayed.Count;

    /// <summary>Times a key came back after a failure.</summary>
    public long Retries { get; private set; }

    /// <summary>Adds a key; one that already waits may move to a higher priority.</summary>
    public void Add(TKey key, QueuePriority priority = QueuePriority.Normal)
    {
        lock (_lock)
        {
            if (!_closed && _lanes.Add(key, priority))
            {
                WakeOne();
            }
        }
    }

    /// <summary>Adds a key after a delay, with the priority that it is worked on with now. Of several delays the earliest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        lock (_lock)
        {
            var priority = _lanes.PriorityOf(key);
            if (delay <= TimeSpan.Zero)
            {
                Add(key, priority);
                return;
            }

            _priorities[key] = priority;
        }

        _delayed.Set(key, Now + delay, onlyEarlier: true);
    }

    /// <summary>
    /// Adds a key that failed: after its own exponential backoff and, when it fails again and again, no earlier than the overall rate of
    /// retries allows. The first retries do not wait for that rate, or a conflict of one key would wait behind the failures of thousands.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="atLeast">Never sooner than this.</param>
    /// <param name="atMost">Its own backoff is no longer than this.</param>
    /// <returns>The delay.</returns>
    public TimeSpan AddAfterFailure(TKey key, TimeSpan? atLeast = null, TimeSpan? atMost = null)
    {
        var delay = _backoff.Next(key);
        if (atMost < delay)
        {
            delay = atMost.Value;
        }

        if (_backoff.Failures(key) > PromptRetries && _overallRate.Reserve() is var reserved && reserved > delay)
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
                ArmPause(delay);
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

                if (Now >= _pausedUntil && _lanes.TryTake(out var key))
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
            if (_lanes.Done(key))
            {
                WakeOne();
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

    private void AddDue(TKey key)
    {
        lock (_lock)
        {
            Add(key, _priorities.Remove(key, out var priority) ? priority : QueuePriority.Normal);
        }
    }

    private void ArmPause(TimeSpan delay) => _pauseTimer.Change(delay + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);

    private void EndPause()
    {
        lock (_lock)
        {
            // Timers run by a coarser clock and may call some milliseconds early. Takers woken then would sleep again, and nothing would
            // wake them.
            if (_pausedUntil - Now is var remaining && remaining > TimeSpan.Zero)
            {
                ArmPause(remaining);
                return;
            }
        }

        Wake();
    }

    private void WakeOne()
    {
        // One that gave up waiting does not count. Continuations run elsewhere, so the lock is no matter.
        while (_takers.TryDequeue(out var taker) && !taker.TrySetResult())
        {
        }
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

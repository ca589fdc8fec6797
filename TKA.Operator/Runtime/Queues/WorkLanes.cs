namespace TKA.Operator.Runtime.Queues;

/// <summary>
/// The keys of a <see cref="WorkQueue{TKey}"/> that wait or are being worked on, by priority. A backlog of one priority never takes all
/// workers while keys of a lower one wait: a quarter of them is left to each. Where the workers are too few for that, a key of the lower
/// priority is taken after every three keys of higher ones. Not thread-safe; the queue's lock guards it.
/// </summary>
/// <param name="workers">How many keys are worked on at the same time.</param>
internal sealed class WorkLanes<TKey>(int workers)
    where TKey : notnull
{
    /// <summary>Keys of higher priorities that are taken before one of a priority that no worker is left to.</summary>
    private const int TurnAfter = 3;

    private static readonly QueuePriority[] HighestFirst = [QueuePriority.Urgent, QueuePriority.Normal, QueuePriority.Background];

    private readonly Queue<TKey>[] _lanes = [.. HighestFirst.Select(_ => new Queue<TKey>())];

    /// <summary>Keys of each priority that may be taken.</summary>
    private readonly int[] _ready = new int[HighestFirst.Length];

    /// <summary>Keys of each priority that are being worked on.</summary>
    private readonly int[] _busy = new int[HighestFirst.Length];

    /// <summary>Keys of higher priorities that were taken while keys of a priority waited, since one of it was taken.</summary>
    private readonly int[] _passedBy = new int[HighestFirst.Length];

    private readonly Dictionary<TKey, QueuePriority> _waiting = [];
    private readonly Dictionary<TKey, QueuePriority> _working = [];

    /// <summary>Keys that wait, those that are being worked on and wait for that to end included.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Keys that are being worked on.</summary>
    public int Working => _working.Count;

    /// <summary>The priority that a key is worked on with; <see cref="QueuePriority.Normal"/> when it is not.</summary>
    public QueuePriority PriorityOf(TKey key) => _working.GetValueOrDefault(key, QueuePriority.Normal);

    /// <summary>Adds a key; one that waits already may move to a higher priority.</summary>
    /// <returns>Whether there is one more to take.</returns>
    public bool Add(TKey key, QueuePriority priority)
    {
        var isNew = !_waiting.TryGetValue(key, out var before);
        if (!isNew && priority <= before)
        {
            return false;
        }

        _waiting[key] = priority;
        if (_working.ContainsKey(key))
        {
            return false;
        }

        if (!isNew)
        {
            // Its place in the lower lane stays behind and is skipped when reached.
            _ready[(int)before]--;
        }

        Enqueue(key, priority);
        return isNew;
    }

    /// <summary>Takes the next key to work on.</summary>
    public bool TryTake(out TKey key)
    {
        if (NextLane() is not { } priority)
        {
            key = default!;
            return false;
        }

        _passedBy[(int)priority] = 0;
        for (var lower = QueuePriority.Background; lower < priority; lower++)
        {
            if (_ready[(int)lower] > 0 && ReservedFor(lower) == 0)
            {
                _passedBy[(int)lower]++;
            }
        }

        key = Dequeue(priority);
        return true;
    }

    /// <summary>Ends the work on a key.</summary>
    /// <returns>Whether there is one more to take: the key, which was added meanwhile.</returns>
    public bool Done(TKey key)
    {
        if (_working.Remove(key, out var worked))
        {
            _busy[(int)worked]--;
        }

        if (!_waiting.TryGetValue(key, out var priority))
        {
            return false;
        }

        Enqueue(key, priority);
        return true;
    }

    private QueuePriority? NextLane()
    {
        foreach (var priority in HighestFirst)
        {
            if (_ready[(int)priority] > 0 && _passedBy[(int)priority] >= TurnAfter)
            {
                return priority;
            }
        }

        foreach (var priority in HighestFirst)
        {
            if (_ready[(int)priority] > 0 && BusyFrom(priority) < LimitOf(priority))
            {
                return priority;
            }
        }

        return null;
    }

    /// <summary>How many keys of this priority and higher ones may be worked on at once. No bound when no lower one waits.</summary>
    private int LimitOf(QueuePriority priority)
    {
        var left = 0;
        for (var lower = QueuePriority.Background; lower < priority; lower++)
        {
            left += _ready[(int)lower] > 0 ? ReservedFor(lower) : 0;
        }

        return left == 0 ? int.MaxValue : Math.Max(1, workers - left);
    }

    /// <summary>Workers that keys of higher priorities leave to a priority while keys of it wait.</summary>
    private int ReservedFor(QueuePriority priority) => priority switch
    {
        QueuePriority.Normal when workers > 1 => Math.Max(1, workers / 4),
        QueuePriority.Background => workers / 4,
        _ => 0,
    };

    private int BusyFrom(QueuePriority priority)
    {
        var busy = 0;
        foreach (var count in _busy.AsSpan((int)priority))
        {
            busy += count;
        }

        return busy;
    }

    private void Enqueue(TKey key, QueuePriority priority)
    {
        _lanes[(int)priority].Enqueue(key);
        _ready[(int)priority]++;
    }

    private TKey Dequeue(QueuePriority priority)
    {
        while (true)
        {
            var key = _lanes[(int)priority].Dequeue();
            if (_waiting.TryGetValue(key, out var waits) && waits == priority && _working.TryAdd(key, priority))
            {
                _waiting.Remove(key);
                _ready[(int)priority]--;
                _busy[(int)priority]++;
                return key;
            }
        }
    }
}

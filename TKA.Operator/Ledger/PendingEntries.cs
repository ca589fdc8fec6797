namespace TKA.Operator.Ledger;

/// <summary>What is not written yet: the sessions in the order in which they first had news, and each session's news in order.</summary>
internal sealed class PendingEntries
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<LedgerEntry>> _bySession = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _order = [];
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Number of sessions with something to write.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _bySession.Count;
            }
        }
    }

    public bool IsPending(string uid)
    {
        lock (_lock)
        {
            return _bySession.ContainsKey(uid);
        }
    }

    public void Add(LedgerEntry entry)
    {
        lock (_lock)
        {
            if (_bySession.TryGetValue(entry.Uid, out var entries))
            {
                entries.Add(entry);
            }
            else
            {
                _bySession.Add(entry.Uid, [entry]);
                _order.AddLast(entry.Uid);
            }

            _news.TrySetResult();
        }
    }

    /// <summary>Completes when there is something to write.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _bySession.Count > 0 ? Task.CompletedTask : _news.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The next sessions with all their news, oldest first. They stay pending until <see cref="Written"/>.</summary>
    public IReadOnlyList<IReadOnlyList<LedgerEntry>> Peek(int sessions)
    {
        lock (_lock)
        {
            return [.. _order.Take(sessions).Select(uid => _bySession[uid].ToArray())];
        }
    }

    /// <summary>Forgets news that are written; what came meanwhile stays.</summary>
    public void Written(IReadOnlyList<LedgerEntry> entries)
    {
        lock (_lock)
        {
            var uid = entries[0].Uid;
            var remaining = _bySession[uid];
            remaining.RemoveRange(0, entries.Count);
            if (remaining.Count == 0)
            {
                _bySession.Remove(uid);
                _order.Remove(uid);
            }

            if (_bySession.Count == 0)
            {
                _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}

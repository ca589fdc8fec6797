namespace TKA.Operator.Ledger;

/// <summary>What is not written yet: the sessions in the order in which they first had an entry, and each session's entries in order.</summary>
internal sealed class PendingEntries
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<LedgerEntry>> _bySession = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _order = [];
    private TaskCompletionSource _added = NewSignal();

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

    /// <summary>Number of pending entries of a session.</summary>
    public int CountOf(string uid)
    {
        lock (_lock)
        {
            return _bySession.TryGetValue(uid, out var entries) ? entries.Count : 0;
        }
    }

    /// <summary>Adds an entry, unless it only repeats the last: a store that is away for long must not cost ever more memory.</summary>
    public void Add(LedgerEntry entry)
    {
        lock (_lock)
        {
            if (!_bySession.TryGetValue(entry.Uid, out var entries))
            {
                _bySession.Add(entry.Uid, entries = []);
                _order.AddLast(entry.Uid);
            }
            else if (Repeats(entries[^1], entry))
            {
                return;
            }

            entries.Add(entry);
            _added.TrySetResult();
            _added = NewSignal();
        }
    }

    /// <summary>Adds what was known before anything that is pending.</summary>
    public void AddEarlier(IEnumerable<LedgerEntry> earlier)
    {
        lock (_lock)
        {
            foreach (var session in earlier.GroupBy(entry => entry.Uid))
            {
                if (_bySession.TryGetValue(session.Key, out var entries))
                {
                    entries.InsertRange(0, session);
                }
                else
                {
                    _bySession.Add(session.Key, [.. session]);
                    _order.AddLast(session.Key);
                }
            }
        }
    }

    /// <summary>Ends the wait of <see cref="NextAsync"/>, though there may be no entry.</summary>
    public void Signal()
    {
        lock (_lock)
        {
            _added.TrySetResult();
            _added = NewSignal();
        }
    }

    /// <summary>Completes with the next entry.</summary>
    public Task NextAsync()
    {
        lock (_lock)
        {
            return _added.Task;
        }
    }

    /// <summary>
    /// The sessions of which the cluster does not tell any more: those that ended, and those that had something else before what their
    /// TkaSignin says now. All their entries, oldest first.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<LedgerEntry>> OnlyHere()
    {
        lock (_lock)
        {
            return [.. _order.Select(uid => _bySession[uid]).Where(entries => entries is not [GrantedEntry]).Select(entries => entries.ToArray())];
        }
    }

    /// <summary>The next sessions with all their entries, oldest first. They stay pending until <see cref="Written"/>.</summary>
    public IReadOnlyList<IReadOnlyList<LedgerEntry>> Peek(int sessions)
    {
        lock (_lock)
        {
            return [.. _order.Take(sessions).Select(uid => _bySession[uid].ToArray())];
        }
    }

    /// <summary>Forgets entries that are written; those that came meanwhile stay.</summary>
    public void Written(IReadOnlyList<LedgerEntry> entries)
    {
        lock (_lock)
        {
            var uid = entries[0].Uid;
            var remaining = _bySession[uid];
            remaining.RemoveAll(entry => entries.Contains(entry, ReferenceEqualityComparer.Instance));
            if (remaining.Count == 0)
            {
                _bySession.Remove(uid);
                _order.Remove(uid);
            }
        }
    }

    private static bool Repeats(LedgerEntry last, LedgerEntry next) => (last, next) switch
    {
        (GrantedEntry had, GrantedEntry has) => had.Grant.IsOfSameSignIn(has.Grant) && had.Grant.Until == has.Grant.Until,
        (EndedEntry, EndedEntry) => true,
        _ => false,
    };

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

namespace TKA.DevEnvironment.Cluster.Storage;

/// <summary>
/// The recent writes to one resource, in order. Watches read it with a cursor of their own, so a write costs the same however many
/// watches there are, a slow client holds no queue, and one that falls behind the oldest kept event is told so.
/// </summary>
internal sealed class EventLog(int capacity)
{
    private readonly Lock _gate = new();
    private ObjectEvent[] _ring = new ObjectEvent[Math.Min(64, capacity)];
    private long _first;
    private long _next;
    private long _compacted;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Events with a revision up to this one are no longer kept.</summary>
    public long CompactedRevision
    {
        get
        {
            lock (_gate)
            {
                return _compacted;
            }
        }
    }

    /// <summary>Adds an event and wakes the watches.</summary>
    public void Append(ObjectEvent change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (_next - _first == _ring.Length)
            {
                MakeRoom();
            }

            _ring[_next % _ring.Length] = change;
            _next++;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    /// <summary>Forgets everything up to a revision, as etcd's compaction does.</summary>
    public void Compact(long revision)
    {
        lock (_gate)
        {
            while (_first < _next && _ring[_first % _ring.Length].Revision <= revision)
            {
                _ring[_first % _ring.Length] = null!;
                _first++;
            }

            _compacted = Math.Max(_compacted, revision);
        }
    }

    /// <summary>The cursor of the first event after a revision, or null when events since then are no longer all kept.</summary>
    public long? CursorAfter(long revision)
    {
        lock (_gate)
        {
            if (revision < _compacted)
            {
                return null;
            }

            var (low, high) = (_first, _next);
            while (low < high)
            {
                var middle = low + ((high - low) / 2);
                if (_ring[middle % _ring.Length].Revision <= revision)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            return low;
        }
    }

    /// <summary>
    /// Copies events from the cursor on into <paramref name="buffer"/>, moves the cursor, and returns how many; -1 when the cursor
    /// points at events no longer kept. <paramref name="more"/> completes when there is something after what was read.
    /// </summary>
    public int Read(ref long cursor, Span<ObjectEvent> buffer, out Task more)
    {
        lock (_gate)
        {
            more = _changed.Task;
            if (cursor < _first)
            {
                return -1;
            }

            var count = (int)Math.Min(buffer.Length, _next - cursor);
            for (var i = 0; i < count; i++)
            {
                buffer[i] = _ring[(cursor + i) % _ring.Length];
            }

            cursor += count;
            if (cursor < _next)
            {
                more = Task.CompletedTask;
            }

            return count;
        }
    }

    private void MakeRoom()
    {
        if (_ring.Length < capacity)
        {
            var larger = new ObjectEvent[Math.Min(capacity, _ring.Length * 2)];
            for (var i = _first; i < _next; i++)
            {
                larger[i % larger.Length] = _ring[i % _ring.Length];
            }

            _ring = larger;
            return;
        }

        _compacted = _ring[_first % _ring.Length].Revision;
        _first++;
    }
}

using System.Runtime.InteropServices;

namespace TKA.DevEnvironment.Cluster.Storage;

/// <summary>
/// The recent writes to one resource, in order. Watches read it with a cursor of their own, so a write costs the same however many
/// watches there are, a slow client holds no queue, and one that falls behind the oldest kept event is told so.
/// </summary>
internal sealed class EventLog(int capacity)
{
    private readonly Lock _gate = new();
    private readonly List<ObjectEvent> _events = [];
    private long _first;
    private long _compacted;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Events with a revision up to this one are no longer kept.</summary>
    public long CompactedRevision => Interlocked.Read(ref _compacted);

    /// <summary>Adds an event and wakes the watches.</summary>
    public void Append(ObjectEvent change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (_events.Count == capacity)
            {
                Forget(1, _events[0].Revision);
            }

            _events.Add(change);
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
            Forget(CountUpTo(revision), Math.Max(_compacted, revision));
        }
    }

    /// <summary>The cursor of the first event after a revision, or null when events since then are no longer all kept.</summary>
    public long? CursorAfter(long revision)
    {
        lock (_gate)
        {
            return revision < _compacted ? null : _first + CountUpTo(revision);
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

            var rest = CollectionsMarshal.AsSpan(_events)[(int)(cursor - _first)..];
            var count = Math.Min(buffer.Length, rest.Length);
            rest[..count].CopyTo(buffer);
            cursor += count;
            if (count < rest.Length)
            {
                more = Task.CompletedTask;
            }

            return count;
        }
    }

    private void Forget(int count, long revision)
    {
        _events.RemoveRange(0, count);
        _first += count;
        Interlocked.Exchange(ref _compacted, revision);
    }

    /// <summary>How many of the kept events have at most a revision, which grows from one event to the next.</summary>
    private int CountUpTo(long revision)
    {
        var next = _events.FindIndex(change => change.Revision > revision);
        return next < 0 ? _events.Count : next;
    }
}

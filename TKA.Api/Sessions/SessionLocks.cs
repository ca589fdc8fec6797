namespace TKA.Api.Sessions;

/// <summary>
/// Lets one request at a time change a session in this process, so that a person's concurrent logins queue up here
/// instead of fighting over resource versions. Other replicas are kept apart by Kubernetes alone.
/// </summary>
internal sealed class SessionLocks
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Waits for the turn; dispose the result to pass it on.</summary>
    public async Task<IDisposable> EnterAsync(string name, CancellationToken cancellationToken)
    {
        Entry entry;
        lock (_entries)
        {
            if (!_entries.TryGetValue(name, out entry!))
            {
                _entries.Add(name, entry = new Entry());
            }

            entry.Users++;
        }

        try
        {
            await entry.Turn.WaitAsync(cancellationToken);
            return new Turn(this, name, entry);
        }
        catch
        {
            Leave(name, entry);
            throw;
        }
    }

    private void Leave(string name, Entry entry)
    {
        lock (_entries)
        {
            if (--entry.Users == 0)
            {
                _entries.Remove(name);
            }
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Users { get; set; }
    }

    private sealed class Turn(SessionLocks locks, string name, Entry entry) : IDisposable
    {
        public void Dispose()
        {
            entry.Turn.Release();
            locks.Leave(name, entry);
        }
    }
}

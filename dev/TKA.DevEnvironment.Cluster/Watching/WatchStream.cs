namespace TKA.DevEnvironment.Cluster.Watching;

/// <summary>One watch: the current objects when it names no version, then every change of the selection in order, bookmarks, and an end.</summary>
internal sealed class WatchStream(ObjectStore store, WatchSettings settings, ResourceDefinition definition, ObjectSelection selection, ListOptions options)
{
    private readonly ObjectEvent[] _buffer = new ObjectEvent[64];
    private long _cursor;
    private long _delivered;

    /// <summary>Streams until the timeout, the client's going, or a change of the resource's definition (<paramref name="stopped"/>).</summary>
    public async Task RunAsync(WatchWriter writer, CancellationToken stopped)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        var length = options.Timeout ?? settings.DefaultTimeout();
        using var timer = settings.Time.CreateTimer(static cts => ((CancellationTokenSource)cts!).Cancel(), timeout, length, Timeout.InfiniteTimeSpan);
        try
        {
            if (await StartAsync(writer))
            {
                await FollowAsync(writer, settings.Time.GetUtcNow() + length, timeout.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The ordinary end of a watch: the client reconnects from the last version it saw.
        }
    }

    private async Task<bool> StartAsync(WatchWriter writer)
    {
        var log = store.LogOf(definition.GroupResource);
        if (options.Revision > 0)
        {
            if (log.CursorAfter(options.Revision) is not { } cursor)
            {
                writer.Error(Statuses.Expired($"too old resource version: {options.Revision} ({log.CompactedRevision})"));
                await writer.FlushAsync();
                return false;
            }

            (_cursor, _delivered) = (cursor, options.Revision);
            await writer.FlushAsync();
            return true;
        }

        var (objects, revision) = store.Snapshot(definition.GroupResource);
        foreach (var stored in objects.Where(selection.Matches))
        {
            await writer.AddedAsync(stored);
        }

        (_cursor, _delivered) = (log.CursorAfter(revision) ?? 0, revision);
        await writer.FlushAsync();
        return true;
    }

    private async Task FollowAsync(WatchWriter writer, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var log = store.LogOf(definition.GroupResource);
        var nextBookmark = NextBookmark(end);
        while (true)
        {
            // The timeout must also end a watch that always has something to send.
            cancellationToken.ThrowIfCancellationRequested();

            // The revision is taken before reading, so that the events read cover everything up to it.
            var revision = store.Snapshot(definition.GroupResource).Revision;
            var count = log.Read(ref _cursor, _buffer, out var more);
            if (count < 0)
            {
                writer.Error(Statuses.Expired($"too old resource version: {_delivered} ({log.CompactedRevision})"));
                await writer.FlushAsync();
                return;
            }

            for (var i = 0; i < count; i++)
            {
                Deliver(writer, _buffer[i]);
            }

            if (count > 0)
            {
                await writer.FlushAsync();
            }

            if (more.IsCompleted)
            {
                continue;
            }

            _delivered = Math.Max(_delivered, revision);
            var now = settings.Time.GetUtcNow();
            if (options.AllowWatchBookmarks && nextBookmark <= now)
            {
                writer.Bookmark(_delivered);
                await writer.FlushAsync();
                nextBookmark = NextBookmark(end);
                continue;
            }

            // Ends at the next write, at the time of the next bookmark, or when the watch is to end, which is seen above.
            var wait = options.AllowWatchBookmarks ? nextBookmark - now : Timeout.InfiniteTimeSpan;
            await more.WaitAsync(wait, settings.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Regularly, and shortly before the end, so that a client which reconnects starts from somewhere recent.</summary>
    private DateTimeOffset NextBookmark(DateTimeOffset end)
    {
        var now = settings.Time.GetUtcNow();
        var regular = now + settings.BookmarkInterval;
        var last = end - settings.BookmarkBeforeEnd;
        return last > now && last < regular ? last : regular;
    }

    private void Deliver(WatchWriter writer, ObjectEvent change)
    {
        if (change.Revision <= _delivered)
        {
            return;
        }

        _delivered = change.Revision;
        var was = change.Previous is { } previous && selection.Matches(previous);
        var isNow = change.Type != ChangeType.Deleted && selection.Matches(change.Current);
        if (isNow)
        {
            writer.Write(was ? "MODIFIED"u8 : "ADDED"u8, change.Current);
        }
        else if (was)
        {
            // A changed object that is no longer selected is shown as it was, with the revision of the change.
            writer.Write("DELETED"u8, change.Type == ChangeType.Deleted ? change.Current : StoredObject.Create(change.Previous!.Read(), change.Revision));
        }
    }
}

using System.IO.Pipelines;

namespace TKA.DevEnvironment.Cluster.Watching;

/// <summary>One watch: the current objects when it names no version, then every change of the selection in order, bookmarks, and an end.</summary>
/// <param name="store">Where the objects are.</param>
/// <param name="settings">Times.</param>
/// <param name="definition">The resource.</param>
/// <param name="selection">Which of its objects.</param>
/// <param name="presenter">How they are shown.</param>
/// <param name="options">What the client asked for.</param>
/// <param name="cut">
/// Gives up a write that is under way, which resets the stream. The end of the watch does not: it comes after the write, as an
/// ordinary end of the response.
/// </param>
internal sealed class WatchStream(
    ObjectStore store,
    WatchSettings settings,
    ResourceDefinition definition,
    ObjectSelection selection,
    ObjectPresenter presenter,
    ListOptions options,
    CancellationToken cut)
{
    private const int FlushEvery = 64 * 1024;
    private readonly ObjectEvent[] _buffer = new ObjectEvent[64];
    private bool _columnsSent;
    private long _cursor;
    private long _delivered;

    /// <summary>Streams until the timeout, the client's going, or a change of the resource's definition (<paramref name="stopped"/>).</summary>
    public async Task RunAsync(PipeWriter body, CancellationToken stopped)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        var length = options.Timeout ?? settings.DefaultTimeout();
        using var timer = settings.Time.CreateTimer(static cts => ((CancellationTokenSource)cts!).Cancel(), timeout, length, Timeout.InfiniteTimeSpan);
        try
        {
            if (await StartAsync(body, timeout.Token))
            {
                await FollowAsync(body, settings.Time.GetUtcNow() + length, timeout.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The ordinary end of a watch: the client reconnects from the last version it saw.
        }
    }

    private async Task<bool> StartAsync(PipeWriter body, CancellationToken cancellationToken)
    {
        var log = store.LogOf(definition.GroupResource);
        if (options.Revision > 0)
        {
            if (log.CursorAfter(options.Revision) is not { } cursor)
            {
                WriteError(body, Statuses.Expired($"too old resource version: {options.Revision} ({log.CompactedRevision})"));
                await body.FlushAsync(cut);
                return false;
            }

            (_cursor, _delivered) = (cursor, options.Revision);
            await body.FlushAsync(cut);
            return true;
        }

        var (objects, revision) = store.Snapshot(definition.GroupResource);
        var pending = 0;
        foreach (var stored in objects.Where(selection.Matches))
        {
            var json = presenter.Present(stored, !_columnsSent);
            WriteEvent(body, "ADDED"u8, json);
            _columnsSent = true;
            pending += json.Length;
            if (pending > FlushEvery)
            {
                await body.FlushAsync(cut);
                pending = 0;
            }
        }

        (_cursor, _delivered) = (log.CursorAfter(revision) ?? 0, revision);
        await body.FlushAsync(cut);
        return true;
    }

    private async Task FollowAsync(PipeWriter body, DateTimeOffset end, CancellationToken cancellationToken)
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
                WriteError(body, Statuses.Expired($"too old resource version: {_delivered} ({log.CompactedRevision})"));
                await body.FlushAsync(cut);
                return;
            }

            for (var i = 0; i < count; i++)
            {
                Deliver(body, _buffer[i]);
            }

            if (count > 0)
            {
                await body.FlushAsync(cut);
            }

            if (more.IsCompleted)
            {
                continue;
            }

            _delivered = Math.Max(_delivered, revision);
            if (!options.AllowWatchBookmarks)
            {
                await more.WaitAsync(cancellationToken);
                continue;
            }

            var wait = nextBookmark - settings.Time.GetUtcNow();
            if (wait <= TimeSpan.Zero)
            {
                WriteBookmark(body);
                await body.FlushAsync(cut);
                nextBookmark = NextBookmark(end);
                continue;
            }

            await WaitAsync(more, wait, cancellationToken);
        }
    }

    private async Task WaitAsync(Task more, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            await more.WaitAsync(wait, settings.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Time for a bookmark.
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

    private void Deliver(PipeWriter body, ObjectEvent change)
    {
        if (change.Revision <= _delivered)
        {
            return;
        }

        _delivered = change.Revision;
        var was = change.Previous is { } previous && selection.Matches(previous);
        var isNow = change.Type != ChangeType.Deleted && selection.Matches(change.Current);
        if (!was && !isNow)
        {
            return;
        }

        if (was && isNow)
        {
            WriteEvent(body, "MODIFIED"u8, presenter.Present(change.Current, !_columnsSent));
        }
        else if (isNow)
        {
            WriteEvent(body, "ADDED"u8, presenter.Present(change.Current, !_columnsSent));
        }
        else
        {
            var last = change.Type == ChangeType.Deleted ? change.Current : StoredObject.Create(change.Previous!.Read(), change.Revision);
            WriteEvent(body, "DELETED"u8, presenter.Present(last, !_columnsSent));
        }

        _columnsSent = true;
    }

    private void WriteBookmark(PipeWriter body)
    {
        var metadata = ObjectPresenter.ListMetadata(_delivered);
        metadata["creationTimestamp"] = null;
        var bookmark = new JsonObject { ["kind"] = definition.Kind, ["apiVersion"] = definition.ApiVersion, ["metadata"] = metadata };
        WriteEvent(body, "BOOKMARK"u8, ObjectJson.Serialize(bookmark));
    }

    private static void WriteError(PipeWriter body, StatusException refusal) =>
        WriteEvent(body, "ERROR"u8, ObjectJson.Serialize(StatusBodies.Refusal(refusal)));

    private static void WriteEvent(PipeWriter body, ReadOnlySpan<byte> type, ReadOnlyMemory<byte> json)
    {
        Write(body, "{\"type\":\""u8);
        Write(body, type);
        Write(body, "\",\"object\":"u8);
        Write(body, json.Span);
        Write(body, "}\n"u8);
    }

    private static void Write(PipeWriter body, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(body.GetSpan(bytes.Length));
        body.Advance(bytes.Length);
    }
}

namespace TKA.DevEnvironment.Cluster.Watching;

/// <summary>Serves watches and knows how many are open.</summary>
internal sealed class WatchEndpoint(ObjectStore store, WatchSettings settings, CancellationToken stopping)
{
    private int _active;

    /// <summary>Watches being served now; returns to 0 when every client has disconnected.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>Serves one watch.</summary>
    public async Task HandleAsync(HttpContext context, ResourceDefinition definition, RequestInfo info, ObjectPresenter presenter)
    {
        var options = ListOptions.Parse(context.Request.Query);
        var selection = new ObjectSelection(definition, info, options);
        context.Response.StatusCode = 200;
        context.Response.ContentType = MediaTypes.Json;
        context.Response.Headers.CacheControl = "no-cache, private";
        Interlocked.Increment(ref _active);
        try
        {
            using var cut = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cut.Token, definition.Removed);
            var writer = new WatchWriter(context.Response.BodyWriter, definition, presenter, cut.Token);
            await new WatchStream(store, settings, definition, selection, options).RunAsync(writer, ended.Token);
        }
        finally
        {
            Interlocked.Decrement(ref _active);
        }
    }
}

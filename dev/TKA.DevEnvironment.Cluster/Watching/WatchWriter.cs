using System.IO.Pipelines;

namespace TKA.DevEnvironment.Cluster.Watching;

/// <summary>Writes the events of one watch.</summary>
/// <param name="body">Where to.</param>
/// <param name="definition">The resource.</param>
/// <param name="presenter">How its objects are shown.</param>
/// <param name="cut">
/// Gives up a write that is under way, which resets the stream. The end of the watch does not: it comes after the write, as an
/// ordinary end of the response.
/// </param>
internal sealed class WatchWriter(PipeWriter body, ResourceDefinition definition, ObjectPresenter presenter, CancellationToken cut)
{
    private const int FlushEvery = 64 * 1024;
    private bool _columnsSent;

    /// <summary>Writes an object that was there when the watch began, and sends what was written once it is much.</summary>
    public async ValueTask AddedAsync(StoredObject stored)
    {
        Write("ADDED"u8, stored);
        if (body.UnflushedBytes > FlushEvery)
        {
            await FlushAsync();
        }
    }

    /// <summary>Writes a change of an object.</summary>
    public void Write(ReadOnlySpan<byte> type, StoredObject stored)
    {
        WriteEvent(type, presenter.Present(stored, !_columnsSent));
        _columnsSent = true;
    }

    /// <summary>Writes a bookmark: everything up to a revision was sent.</summary>
    public void Bookmark(long revision)
    {
        var metadata = ObjectPresenter.ListMetadata(revision);
        metadata["creationTimestamp"] = null;
        var bookmark = new JsonObject { ["kind"] = definition.Kind, ["apiVersion"] = definition.ApiVersion, ["metadata"] = metadata };
        WriteEvent("BOOKMARK"u8, ObjectJson.Serialize(bookmark));
    }

    /// <summary>Writes why the watch ends.</summary>
    public void Error(StatusException refusal) => WriteEvent("ERROR"u8, ObjectJson.Serialize(StatusBodies.Refusal(refusal)));

    /// <summary>Sends what was written.</summary>
    public ValueTask<FlushResult> FlushAsync() => body.FlushAsync(cut);

    private void WriteEvent(ReadOnlySpan<byte> type, ReadOnlyMemory<byte> json)
    {
        Write("{\"type\":\""u8);
        Write(type);
        Write("\",\"object\":"u8);
        Write(json.Span);
        Write("}\n"u8);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(body.GetSpan(bytes.Length));
        body.Advance(bytes.Length);
    }
}

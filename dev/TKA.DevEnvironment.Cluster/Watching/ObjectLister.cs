using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Text;

namespace TKA.DevEnvironment.Cluster.Watching;

/// <summary>Answers lists: consistent snapshots at the newest revision.</summary>
internal sealed class ObjectLister(ObjectStore store)
{
    private const int FlushEvery = 64 * 1024;

    /// <summary>Writes the list.</summary>
    /// <exception cref="StatusException">400; 504 when the revision asked for is not reached.</exception>
    public async Task WriteAsync(HttpContext context, ResourceDefinition definition, RequestInfo info, ListOptions options, ObjectPresenter presenter)
    {
        var selection = new ObjectSelection(definition, info, options);
        var (page, metadata) = Select(definition, options, selection);
        if (presenter.Shape == ResponseShape.Table)
        {
            await ResponseWriter.WriteAsync(context, 200, presenter.PresentTable(page, metadata));
            return;
        }

        context.Response.StatusCode = 200;
        context.Response.ContentType = MediaTypes.Json;
        context.Response.Headers.CacheControl = "no-cache, private";
        await StreamAsync(context.Response.BodyWriter, Opening(definition, metadata), page, presenter, context.RequestAborted);
    }

    /// <summary>The selected objects, and the list's metadata. There are no pages: a limit is not observed, which the API allows.</summary>
    /// <exception cref="StatusException">504 when the revision asked for is not reached.</exception>
    public (List<StoredObject> Objects, JsonObject Metadata) Select(ResourceDefinition definition, ListOptions options, ObjectSelection selection)
    {
        var (objects, revision) = store.Snapshot(definition.GroupResource);
        if (options.Revision > revision)
        {
            throw Statuses.TooLargeResourceVersion(options.Revision, revision);
        }

        var selected = new List<StoredObject>();
        for (var i = selection.Namespace.Length == 0 ? 0 : IndexAfter(objects, selection.Namespace, ""); i < objects.Count; i++)
        {
            if (selection.Namespace.Length > 0 && objects[i].Namespace != selection.Namespace)
            {
                break;
            }

            if (selection.Matches(objects[i]))
            {
                selected.Add(objects[i]);
            }
        }

        return (selected, ObjectPresenter.ListMetadata(revision));
    }

    private static int IndexAfter(ImmutableSortedSet<StoredObject> objects, string @namespace, string name)
    {
        var index = objects.IndexOf(StoredObject.Key(@namespace, name));
        return index >= 0 ? index + 1 : ~index;
    }

    private static string Opening(ResourceDefinition definition, JsonObject metadata) =>
        $"{{\"kind\":\"{definition.ListKind}\",\"apiVersion\":\"{definition.ApiVersion}\",\"metadata\":{metadata.ToJsonString()},\"items\":[";

    private static async Task StreamAsync(
        PipeWriter body, string opening, List<StoredObject> page, ObjectPresenter presenter, CancellationToken cancellationToken)
    {
        Encoding.UTF8.GetBytes(opening, body);
        var pending = 0;
        for (var i = 0; i < page.Count; i++)
        {
            if (i > 0)
            {
                Write(body, ","u8);
            }

            var json = presenter.PresentItem(page[i]);
            if (ObjectPresenter.IsCut(json.Span))
            {
                Write(body, "{"u8);
                json = json[1..];
            }

            Write(body, json.Span);
            pending += json.Length;
            if (pending > FlushEvery)
            {
                await body.FlushAsync(cancellationToken);
                pending = 0;
            }
        }

        Write(body, "]}\n"u8);
        await body.FlushAsync(cancellationToken);
    }

    private static void Write(PipeWriter body, ReadOnlySpan<byte> bytes)
    {
        var span = body.GetSpan(bytes.Length);
        bytes.CopyTo(span);
        body.Advance(bytes.Length);
    }
}

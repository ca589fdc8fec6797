using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Registry;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Watching;

/// <summary>Answers lists: consistent snapshots at the newest, an exact or a continued revision, in pages.</summary>
internal sealed class ObjectLister(ObjectStore store)
{
    private const int FlushEvery = 64 * 1024;

    /// <summary>Writes the list.</summary>
    /// <exception cref="StatusException">400, 410 when the revision asked for is no longer kept, 504 when it is not reached.</exception>
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
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await StreamAsync(context.Response.BodyWriter, Opening(definition, metadata), page, presenter, context.RequestAborted);
        }
    }

    /// <summary>The selected objects of one page, and the list's metadata.</summary>
    /// <exception cref="StatusException">400, 410, 504.</exception>
    public (List<StoredObject> Page, JsonObject Metadata) Select(ResourceDefinition definition, ListOptions options, ObjectSelection selection)
    {
        var (objects, revision, start) = Snapshot(definition, options, selection.Namespace);
        var page = new List<StoredObject>(options.Limit > 0 ? Math.Min(options.Limit, 1024) : 16);
        string? next = null;
        var remaining = 0L;
        for (var i = start; i < objects.Count; i++)
        {
            var candidate = objects[i];
            if (selection.Namespace.Length > 0 && candidate.Namespace != selection.Namespace)
            {
                break;
            }

            if (!selection.Matches(candidate))
            {
                continue;
            }

            if (options.Limit > 0 && page.Count == options.Limit)
            {
                var last = page[^1];
                next = new ContinueToken(revision, last.Namespace, last.Name).Encode();
                remaining = selection.Filters ? 0 : EndOf(objects, selection.Namespace) - i;
                break;
            }

            page.Add(candidate);
        }

        var metadata = ObjectPresenter.ListMetadata(revision);
        if (next is not null)
        {
            metadata["continue"] = next;
            if (remaining > 0)
            {
                metadata["remainingItemCount"] = remaining;
            }
        }

        return (page, metadata);
    }

    private (ImmutableSortedSet<StoredObject> Objects, long Revision, int Start) Snapshot(
        ResourceDefinition definition, ListOptions options, string @namespace)
    {
        if (options.Continue.Length > 0)
        {
            if (options.ResourceVersion is not ("" or "0"))
            {
                throw Statuses.BadRequest("specifying resource version is not allowed when using continue");
            }

            var token = ContinueToken.Decode(options.Continue);
            var then = store.SnapshotAt(definition.GroupResource, token.Revision)
                ?? throw Statuses.Expired(
                    "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.");
            return (then, token.Revision, IndexAfter(then, token.Namespace, token.Name));
        }

        var (objects, revision) = store.Snapshot(definition.GroupResource);
        if (options.Revision > revision)
        {
            throw Statuses.TooLargeResourceVersion(options.Revision, revision);
        }

        if (options.ResourceVersionMatch == "Exact" || (options is { ResourceVersionMatch: "", Limit: > 0, Revision: > 0 }))
        {
            objects = store.SnapshotAt(definition.GroupResource, options.Revision)
                ?? throw Statuses.Expired("The resourceVersion for the provided list is too old.");
            revision = options.Revision;
        }

        return (objects, revision, @namespace.Length == 0 ? 0 : IndexAfter(objects, @namespace, ""));
    }

    private static int IndexAfter(ImmutableSortedSet<StoredObject> objects, string @namespace, string name)
    {
        var index = objects.IndexOf(StoredObject.Key(@namespace, name));
        return index >= 0 ? index + 1 : ~index;
    }

    private static int EndOf(ImmutableSortedSet<StoredObject> objects, string @namespace) =>
        @namespace.Length == 0 ? objects.Count : IndexAfter(objects, @namespace + "\0", "");

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

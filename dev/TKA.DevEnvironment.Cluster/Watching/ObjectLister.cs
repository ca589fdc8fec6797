using System.Buffers;
using System.Text;

namespace TKA.DevEnvironment.Cluster.Watching;

/// <summary>Answers lists: consistent snapshots at the newest revision. There are no pages: a limit is not observed, which the API allows.</summary>
internal sealed class ObjectLister(ObjectStore store)
{
    /// <summary>The objects that a request selects, and the metadata of a list of them.</summary>
    /// <exception cref="StatusException">400; 504 when the revision asked for is not reached.</exception>
    public (IReadOnlyList<StoredObject> Objects, JsonObject Metadata) Select(ResourceDefinition definition, RequestInfo info, ListOptions options)
    {
        var selection = new ObjectSelection(definition, info, options);
        var (objects, revision) = store.Snapshot(definition.GroupResource);
        if (options.Revision > revision)
        {
            throw Statuses.TooLargeResourceVersion(options.Revision, revision);
        }

        var selected = new List<StoredObject>();
        for (var i = FirstOf(selection.Namespace); i < objects.Count && (selection.Namespace.Length == 0 || objects[i].Namespace == selection.Namespace); i++)
        {
            if (selection.Matches(objects[i]))
            {
                selected.Add(objects[i]);
            }
        }

        return (selected, ObjectPresenter.ListMetadata(revision));

        // Objects are ordered by namespace, so those of one follow each other.
        int FirstOf(string @namespace) => @namespace.Length == 0 ? 0 : ~objects.IndexOf(StoredObject.Key(@namespace, ""));
    }

    /// <summary>Writes the list.</summary>
    /// <exception cref="StatusException">As <see cref="Select"/>.</exception>
    public async Task WriteAsync(HttpContext context, ResourceDefinition definition, RequestInfo info, ListOptions options, ObjectPresenter presenter)
    {
        var (selected, metadata) = Select(definition, info, options);
        if (presenter.IsTable)
        {
            await ResponseWriter.WriteAsync(context, 200, presenter.PresentTable(selected, metadata));
            return;
        }

        var body = new ArrayBufferWriter<byte>();
        Encoding.UTF8.GetBytes($"{{\"kind\":\"{definition.ListKind}\",\"apiVersion\":\"{definition.ApiVersion}\",\"metadata\":{metadata.ToJsonString()},\"items\":[", body);
        for (var i = 0; i < selected.Count; i++)
        {
            body.Write(i > 0 ? ","u8 : default);
            presenter.WriteItem(selected[i], body);
        }

        body.Write("]}\n"u8);
        await ResponseWriter.WriteBytesAsync(context, 200, body.WrittenMemory);
    }
}

using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Watching;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>Deletions over HTTP.</summary>
internal sealed class DeletionEndpoint(ObjectDeleter deleter, ObjectLister lister)
{
    /// <summary>Deletes one object; the answer is the object when something holds it back or the kind says so, else a Status.</summary>
    public async Task DeleteAsync(HttpContext context, UserInfo user, ResourceDefinition definition, RequestInfo info)
    {
        _ = MediaTypes.Negotiate(context.Request, tables: false);
        var body = await BodyReader.ReadObjectAsync(context.Request, context.RequestAborted, optional: true);
        var result = deleter.Delete(definition, user, info, DeleteOptions.Parse(context.Request.Query, body));
        if (result.Gone && !definition.Strategy.ReturnDeletedObject)
        {
            await ResponseWriter.WriteAsync(context, 200, StatusBodies.Deleted(definition.GroupResource, result.Object.Name, result.Object.Uid));
            return;
        }

        await ResponseWriter.WriteBytesAsync(context, 200, result.Object.Json);
    }

    /// <summary>Deletes the objects that the query selects, and answers with all of them.</summary>
    public async Task DeleteCollectionAsync(HttpContext context, UserInfo user, ResourceDefinition definition, RequestInfo info)
    {
        _ = MediaTypes.Negotiate(context.Request, tables: false);
        var body = await BodyReader.ReadObjectAsync(context.Request, context.RequestAborted, optional: true);
        var options = DeleteOptions.Parse(context.Request.Query, body);
        var (selected, metadata) = lister.Select(definition, info, ListOptions.Parse(context.Request.Query));
        foreach (var stored in selected)
        {
            try
            {
                deleter.Delete(definition, user, info with { Name = stored.Name, Namespace = stored.Namespace }, options);
            }
            catch (StatusException exception) when (exception.Code == 404)
            {
                // Another request deleted it in the meantime.
            }
        }

        var answer = new JsonObject
        {
            ["kind"] = definition.ListKind,
            ["apiVersion"] = definition.ApiVersion,
            ["metadata"] = metadata,
            ["items"] = new JsonArray([.. selected.Select(stored => (JsonNode)stored.Read())]),
        };
        await ResponseWriter.WriteAsync(context, 200, answer);
    }
}

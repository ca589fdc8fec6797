using TKA.DevEnvironment.Cluster.Authentication;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>Deletions over HTTP.</summary>
internal sealed class DeletionEndpoint(ObjectDeleter deleter)
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
}

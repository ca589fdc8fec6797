using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Authorization;
using TKA.DevEnvironment.Cluster.Patching;
using TKA.DevEnvironment.Cluster.Tables;
using TKA.DevEnvironment.Cluster.Watching;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>The resource verbs over HTTP.</summary>
internal sealed class ResourceEndpoint(
    ResourceRegistry registry,
    CreateOnlyEndpoint createOnly,
    ObjectWriter writer,
    DeletionEndpoint deletions,
    ObjectLister lister,
    WatchEndpoint watches,
    ObjectPatcher patcher,
    TablePrinter tables,
    RbacAuthorizer authorizer)
{
    /// <summary>Handles one authorized request.</summary>
    public async Task HandleAsync(HttpContext context, UserInfo user, RequestInfo info)
    {
        if (registry.FindCreateHandler(info.ApiGroup, info.ApiVersion, info.Resource, info.Subresource) is { } handler)
        {
            await createOnly.HandleAsync(context, Request(context, user, info, "CreateOptions"), handler);
            return;
        }

        var definition = ResourceScope.Require(registry, info);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            throw Statuses.MethodNotAllowed();
        }

        var collection = info.IsCollection;
        await (info.Verb switch
        {
            "get" when !collection => GetAsync(context, definition, info),
            "list" => ListAsync(context, definition, info),
            "watch" => watches.HandleAsync(context, definition, info, Presenter(context, definition)),
            "create" when collection => CreateAsync(context, user, definition, info),
            "update" when !collection => UpdateAsync(context, user, definition, info),
            "patch" when !collection && info.Subresource != "finalize" => PatchAsync(context, user, definition, info),
            "delete" when info.Subresource.Length == 0 => deletions.DeleteAsync(context, user, definition, info),
            "deletecollection" when definition.Verbs.Contains("deletecollection") => deletions.DeleteCollectionAsync(context, user, definition, info),
            _ => throw Statuses.MethodNotAllowed(),
        });
    }

    private ObjectPresenter Presenter(HttpContext context, ResourceDefinition definition)
    {
        var include = context.Request.Query["includeObject"].ToString();
        return include is "" or "None" or "Metadata" or "Object"
            ? new ObjectPresenter(definition, MediaTypes.Negotiate(context.Request, tables: true), tables, include)
            : throw Statuses.BadRequest($"unrecognized includeObject value: \"{include}\"");
    }

    private async Task GetAsync(HttpContext context, ResourceDefinition definition, RequestInfo info)
    {
        var presenter = Presenter(context, definition);
        _ = ListOptions.ParseRevision(context.Request.Query["resourceVersion"].ToString());
        await WriteAsync(context, 200, presenter, writer.Find(definition, info));
    }

    private Task ListAsync(HttpContext context, ResourceDefinition definition, RequestInfo info) =>
        lister.WriteAsync(context, definition, info, ListOptions.Parse(context.Request.Query), Presenter(context, definition));

    private async Task CreateAsync(HttpContext context, UserInfo user, ResourceDefinition definition, RequestInfo info)
    {
        var presenter = Presenter(context, definition);
        var request = Request(context, user, info, "CreateOptions");
        var body = await BodyReader.ReadObjectAsync(context.Request, context.RequestAborted);
        await WriteAsync(context, presenter, writer.Create(definition, request, body));
    }

    private async Task UpdateAsync(HttpContext context, UserInfo user, ResourceDefinition definition, RequestInfo info)
    {
        var presenter = Presenter(context, definition);
        var request = Request(context, user, info, "UpdateOptions");
        var body = await BodyReader.ReadObjectAsync(context.Request, context.RequestAborted);
        WriteResult result;
        try
        {
            result = writer.Update(definition, request, _ => (JsonObject)body.DeepClone());
        }
        catch (StatusException exception) when (exception.Code == 404 && definition.Strategy.AllowCreateOnUpdate && info.Subresource.Length == 0 && MayBeCreated(body))
        {
            AuthorizeCreate(user, info);
            result = writer.Create(definition, request with { Info = info with { Verb = "create" } }, body);
        }

        await WriteAsync(context, presenter, result);
    }

    private static bool MayBeCreated(JsonObject body) => body.Child("metadata").Text("resourceVersion") is "" or "0";

    private void AuthorizeCreate(UserInfo user, RequestInfo info)
    {
        var create = info with { Verb = "create" };
        var decision = authorizer.Authorize(user, create);
        if (!decision.Allowed)
        {
            throw Statuses.Forbidden(user, create, decision.Reason);
        }
    }

    private async Task PatchAsync(HttpContext context, UserInfo user, ResourceDefinition definition, RequestInfo info)
    {
        var presenter = Presenter(context, definition);
        var type = ObjectPatcher.RequireMediaType(context.Request, definition);
        var request = Request(context, user, info, "PatchOptions");
        var body = await BodyReader.ReadAsync(context.Request, context.RequestAborted);
        await WriteAsync(context, presenter, patcher.Patch(definition, request, type, body, () => AuthorizeCreate(user, info)));
    }

    private static WriteRequest Request(HttpContext context, UserInfo user, RequestInfo info, string optionsKind)
    {
        var options = WriteOptions.Parse(context.Request, optionsKind);
        var manager = options.FieldManager.Length > 0 ? options.FieldManager : context.Request.Headers.UserAgent.ToString().Split('/')[0];
        return new WriteRequest(user, info, options) { Manager = manager.Length > 0 ? manager : "unknown", Warn = warning => ResponseWriter.Warn(context, warning) };
    }

    private static Task WriteAsync(HttpContext context, ObjectPresenter presenter, WriteResult result) =>
        WriteAsync(context, result.Created ? 201 : 200, presenter, result.Object);

    private static Task WriteAsync(HttpContext context, int code, ObjectPresenter presenter, StoredObject stored) =>
        ResponseWriter.WriteBytesAsync(context, code, presenter.Present(stored));
}

using TKA.DevEnvironment.Cluster.Admission;
using TKA.DevEnvironment.Cluster.Validation.Builtin;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>
/// Serves resources that are created and never stored. Their bodies are decoded as strictly as those that are, and admission policies see
/// them like any other write: else a policy against minting tokens in a namespace would have no effect.
/// </summary>
internal sealed class CreateOnlyEndpoint(IAdmissionPlugin policies)
{
    /// <summary>Handles one authorized request.</summary>
    public async Task HandleAsync(HttpContext context, WriteRequest request, CreateHandler handler)
    {
        if (request.Info.Verb != "create")
        {
            throw Statuses.MethodNotAllowed();
        }

        if (handler.Namespaced != request.Info.Namespace.Length > 0)
        {
            throw Statuses.NoSuchResource();
        }

        _ = MediaTypes.Negotiate(context.Request, tables: false);
        var body = await BodyReader.ReadObjectAsync(context.Request, context.RequestAborted);
        Decode(handler, body, request);
        RequireKind(handler, body);
        body["spec"] ??= new JsonObject();
        handler.SetDefaults(body);
        policies.Admit(new AdmissionRequest(request.User, "CREATE", request.Info, handler.Kind, body, null, DryRun: false, request.Warn));
        await ResponseWriter.WriteAsync(context, 201, handler.Create(request.User, request.Info, body));
    }

    /// <summary>Drops nulls and unknown fields, and checks types. Without this a mistyped list, say of audiences, would read as none.</summary>
    private static void Decode(CreateHandler handler, JsonObject body, WriteRequest request)
    {
        var schema = BuiltinTypes.Root(handler.Kind);
        Nulls.Drop(body, schema);
        var unknown = SchemaPruner.Prune(body, schema);
        ObjectDecoder.RequireTypes(body, schema, handler.Kind, "v1");
        ObjectDecoder.Report(unknown, request.Options.FieldValidation, request.Warn, handler.Kind, "v1");
    }

    private static void RequireKind(CreateHandler handler, JsonObject body)
    {
        var (version, kind) = (body.Text("apiVersion"), body.Text("kind"));
        if ((version.Length > 0 && version != $"{handler.KindGroup}/v1") || (kind.Length > 0 && kind != handler.Kind))
        {
            throw Statuses.BadRequest(
                $"{kind} in version {GoText.Quote(version)} cannot be handled as a {handler.Kind}: no kind {GoText.Quote(kind)} is registered for version {GoText.Quote(version)} here");
        }
    }
}

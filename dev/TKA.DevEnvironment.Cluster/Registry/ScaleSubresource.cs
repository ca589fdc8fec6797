using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Patching;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>The <c>scale</c> subresource: a view of replicas as <c>autoscaling/v1 Scale</c>.</summary>
internal sealed class ScaleSubresource(ObjectWriter writer)
{
    /// <summary>Handles get, update and patch.</summary>
    public async Task HandleAsync(HttpContext context, UserInfo user, ResourceDefinition definition, RequestInfo info)
    {
        JsonObject scale;
        switch (info.Verb)
        {
            case "get":
                scale = View(definition, ObjectWriter.Served(definition, writer.Find(definition, info)));
                break;
            case "update":
                var body = await BodyReader.ReadObjectAsync(context.Request, context.RequestAborted);
                scale = Write(context, user, definition, info, "UpdateOptions", _ => body);
                break;
            case "patch":
                var type = BodyReader.MediaType(context.Request);
                var patch = BodyReader.ParseNode(await BodyReader.ReadAsync(context.Request, context.RequestAborted), yaml: false);
                scale = Write(context, user, definition, info, "PatchOptions", current => type switch
                {
                    MediaTypes.JsonPatch => JsonPatch.Apply(current, patch) as JsonObject ?? [],
                    MediaTypes.MergePatch or MediaTypes.StrategicMergePatch => MergePatch.Apply(current, patch) as JsonObject ?? [],
                    _ => throw Statuses.UnsupportedMediaType($"{MediaTypes.JsonPatch}, {MediaTypes.MergePatch}"),
                });
                break;
            default:
                throw Statuses.MethodNotAllowed();
        }

        await ResponseWriter.WriteAsync(context, 200, scale, MediaTypes.Negotiate(context.Request, shapes: false).Yaml);
    }

    private JsonObject Write(
        HttpContext context, UserInfo user, ResourceDefinition definition, RequestInfo info, string options, Func<JsonObject, JsonObject> change)
    {
        var request = new WriteRequest(user, info, WriteOptions.Parse(context.Request, options));
        var result = writer.Update(definition, request, current =>
        {
            var wanted = change(View(definition, current));
            var replicas = wanted.Child("spec").Integer("replicas") ?? 0;
            if (replicas < 0)
            {
                throw Statuses.Invalid(
                    "autoscaling", "Scale", info.Name, [new StatusCause("FieldValueInvalid", $"Invalid value: {replicas}: must be greater than or equal to 0", "spec.replicas")]);
            }

            ScalePaths.Set(current, (definition.Scale ?? ScalePaths.Workload).SpecReplicas, replicas);
            if (wanted.Child("metadata").Text("resourceVersion") is { Length: > 0 } version)
            {
                current.ChildOrNew("metadata")["resourceVersion"] = version;
            }

            return current;
        });
        return View(definition, ObjectWriter.Served(definition, result.Object));
    }

    private static JsonObject View(ResourceDefinition definition, JsonObject obj)
    {
        var metadata = obj.ChildOrNew("metadata");
        var view = new JsonObject();
        foreach (var name in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (metadata[name] is { } value)
            {
                view[name] = value.DeepClone();
            }
        }

        var paths = definition.Scale ?? ScalePaths.Workload;
        var status = new JsonObject { ["replicas"] = ScalePaths.Get(obj, paths.StatusReplicas).AsInteger() ?? 0 };
        if (Selector(obj, paths) is { Length: > 0 } selector)
        {
            status["selector"] = selector;
        }

        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = view,
            ["spec"] = new JsonObject { ["replicas"] = ScalePaths.Get(obj, paths.SpecReplicas).AsInteger() ?? 0 },
            ["status"] = status,
        };
    }

    /// <summary>Built-in workloads have a structured selector, custom resources a string somewhere.</summary>
    private static string Selector(JsonObject obj, ScalePaths paths) => paths == ScalePaths.Workload
        ? string.Join(',', (obj.Child("spec").Child("selector").Child("matchLabels") ?? []).Select(p => $"{p.Key}={p.Value}"))
        : paths.Selector.Length > 0 && ScalePaths.Get(obj, paths.Selector) is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}

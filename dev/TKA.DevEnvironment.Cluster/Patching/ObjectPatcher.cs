using System.Text.Json;

namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>Carries out PATCH in its four forms.</summary>
internal sealed class ObjectPatcher(ObjectWriter writer, ServerSideApply apply)
{
    /// <summary>The patch's media type.</summary>
    /// <exception cref="StatusException">415: unknown, or one this resource does not take.</exception>
    public static string RequireMediaType(HttpRequest request, ResourceDefinition definition)
    {
        var type = BodyReader.MediaType(request);
        List<string> accepted = [MediaTypes.JsonPatch, MediaTypes.MergePatch, MediaTypes.ApplyPatch];
        if (!definition.IsCustom)
        {
            // Strategic merge needs the Go types' merge keys, which custom resources lack.
            accepted.Add(MediaTypes.StrategicMergePatch);
        }

        return accepted.Contains(type) ? type : throw Statuses.UnsupportedMediaType(string.Join(", ", accepted));
    }

    /// <summary>Patches one object.</summary>
    /// <exception cref="StatusException">400, 403, 404, 409, 415, 422.</exception>
    public WriteResult Patch(ResourceDefinition definition, WriteRequest request, string type, byte[] body, Action authorizeCreate)
    {
        if (type == MediaTypes.ApplyPatch)
        {
            return apply.Apply(definition, request, body, authorizeCreate);
        }

        if (request.Options.Force is not null)
        {
            throw Statuses.InvalidOptions("PatchOptions", e => e.Forbidden("force", "may not be specified for non-apply patch"));
        }

        var patch = Decode(body);
        return writer.Update(definition, request, current => Apply(definition, type, current, patch));
    }

    private static JsonObject Apply(ResourceDefinition definition, string type, JsonObject current, JsonNode? patch)
    {
        var patched = type switch
        {
            MediaTypes.JsonPatch => JsonPatch.Apply(current, patch),
            MediaTypes.MergePatch => MergePatch.Apply(current, RequireObject(patch)),
            _ => StrategicMergePatch.Apply(current, RequireObject(patch), definition.Strategy.Schema),
        };
        return patched as JsonObject ?? throw Statuses.BadRequest("the patched object is no JSON object");
    }

    private static JsonNode? Decode(byte[] body)
    {
        try
        {
            return ObjectJson.Parse(body);
        }
        catch (JsonException exception)
        {
            throw Statuses.BadRequest($"error decoding patch: {exception.Message}");
        }
    }

    private static JsonObject RequireObject(JsonNode? patch) =>
        patch as JsonObject ?? throw Statuses.BadRequest("error decoding patch: a merge patch must be an object");
}

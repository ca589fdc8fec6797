using System.Security.Cryptography;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>The rules of <c>ObjectMeta</c>, the same for every resource: what the server sets and takes from the request.</summary>
internal static class ObjectMetadata
{
    private const int GeneratedSuffix = 5;
    private const string SuffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>Takes the namespace (and name) from the request where the body is silent, and refuses a body that contradicts it.</summary>
    /// <exception cref="StatusException">400.</exception>
    public static JsonObject Adopt(ResourceDefinition definition, JsonObject obj, RequestInfo info, bool nameFromUrl)
    {
        if (obj["metadata"] is not (null or JsonObject))
        {
            throw Statuses.BadRequest($"{definition.Kind} in version \"{definition.Version}\" cannot be handled as a {definition.Kind}: metadata must be an object");
        }

        var metadata = obj.ChildOrNew("metadata");
        var requested = definition.Namespaced ? info.Namespace : "";
        var given = metadata.Text("namespace");
        if (given.Length > 0 && given != requested)
        {
            throw Statuses.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        if (requested.Length > 0)
        {
            metadata["namespace"] = requested;
        }
        else
        {
            metadata.Remove("namespace");
        }

        if (nameFromUrl)
        {
            var name = metadata.Text("name");
            if (name.Length == 0)
            {
                metadata["name"] = info.Name;
            }
            else if (name != info.Name)
            {
                throw Statuses.BadRequest($"the name of the object ({name}) does not match the name on the URL ({info.Name})");
            }
        }

        return metadata;
    }

    /// <summary>Fills in a new object's identity.</summary>
    public static void PrepareForCreate(ResourceDefinition definition, JsonObject metadata, TimeProvider time)
    {
        if (metadata.Text("resourceVersion") is not ("" or "0"))
        {
            throw new StatusException(500, "", "resourceVersion should not be set on objects to be created");
        }

        foreach (var name in (string[])["resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"])
        {
            metadata.Remove(name);
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Timestamps.Now(time);
        if (definition.Strategy.HasGeneration)
        {
            metadata["generation"] = 1;
        }

        if (metadata.Text("name").Length == 0 && metadata.Text("generateName") is { Length: > 0 } prefix)
        {
            metadata["name"] = GenerateName(prefix);
        }
    }

    /// <summary>Carries over what the server owns, where the new object leaves it out.</summary>
    public static void PrepareForUpdate(JsonObject metadata, JsonObject old)
    {
        metadata.Remove("selfLink");
        metadata["uid"] ??= old["uid"]?.DeepClone();
        // The client's value is ignored, as in a real server.
        metadata["creationTimestamp"] = old["creationTimestamp"]?.DeepClone();

        foreach (var name in (string[])["generation", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            if (old[name] is { } value)
            {
                metadata[name] = value.DeepClone();
            }
            else if (name == "generation" || metadata[name] is null)
            {
                metadata.Remove(name);
            }
        }
    }

    /// <summary>Takes kind and apiVersion from the request where the body is silent, and refuses a body that contradicts it.</summary>
    /// <exception cref="StatusException">400; 422 for custom resources of another kind.</exception>
    public static void AdoptType(ResourceDefinition definition, JsonObject obj)
    {
        var kind = obj.Text("kind");
        var apiVersion = obj.Text("apiVersion");
        if (definition.IsCustom && (kind.Length == 0 || apiVersion.Length == 0))
        {
            throw Statuses.BadRequest($"Object '{(kind.Length == 0 ? "Kind" : "apiVersion")}' is missing in the body");
        }

        if (apiVersion.Length > 0 && apiVersion != definition.ApiVersion)
        {
            throw Statuses.BadRequest($"the API version in the data ({apiVersion}) does not match the expected API version ({definition.ApiVersion})");
        }

        if (kind.Length > 0 && kind != definition.Kind)
        {
            if (definition.IsCustom)
            {
                var errors = new FieldErrors();
                errors.Invalid("kind", kind, $"must be {definition.Kind}");
                errors.ThrowIfAny(definition.Group, kind, obj.Child("metadata").Text("name"));
            }

            throw Statuses.BadRequest($"{kind} in version \"{definition.Version}\" cannot be handled as a {definition.Kind}");
        }

        // The two fields come first, so that lists can cut them off.
        if (obj.Count < 2 || obj.GetAt(0).Key != "kind" || obj.GetAt(1).Key != "apiVersion")
        {
            obj.Remove("kind");
            obj.Remove("apiVersion");
            obj.Insert(0, "kind", definition.Kind);
            obj.Insert(1, "apiVersion", definition.ApiVersion);
        }
    }

    private static string GenerateName(string prefix)
    {
        const int LongestPrefix = 63 - GeneratedSuffix;
        return string.Concat(
            prefix.AsSpan(0, Math.Min(prefix.Length, LongestPrefix)),
            RandomNumberGenerator.GetString(SuffixAlphabet, GeneratedSuffix));
    }
}

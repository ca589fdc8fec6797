using System.Security.Cryptography;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>The rules of <c>ObjectMeta</c>, the same for every resource: what the server sets, what never changes, what is valid.</summary>
internal static class ObjectMetadata
{
    private const int AnnotationsLimit = 256 * 1024;
    private const int GeneratedSuffix = 5;
    private const string SuffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    private static readonly string[] Immutable = ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"];

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

    /// <summary>Validates metadata of a new or changed object.</summary>
    public static void Validate(ResourceDefinition definition, JsonObject metadata, FieldErrors errors)
    {
        var name = metadata.Text("name");
        // A prefix may end in a hyphen, which a name may not.
        if (metadata.Text("generateName") is { Length: > 0 } generate && definition.Strategy.NameProblem(generate is [.., _, '-'] ? generate[..^2] + "a" : generate) is { } prefixProblem)
        {
            errors.Invalid("metadata.generateName", generate, prefixProblem);
        }

        if (name.Length == 0)
        {
            errors.Required("metadata.name", "name or generateName is required");
        }
        else if (definition.Strategy.NameProblem(name) is { } problem)
        {
            errors.Invalid("metadata.name", name, problem);
        }

        if (definition.Namespaced && metadata.Text("namespace") is var ns && NameRules.Label(ns) is { } nsProblem)
        {
            errors.Invalid("metadata.namespace", ns, nsProblem);
        }

        foreach (var (key, value) in metadata.Child("labels") ?? [])
        {
            if (NameRules.QualifiedName(key) is { } keyProblem)
            {
                errors.Invalid("metadata.labels", key, keyProblem);
            }

            if (NameRules.LabelValue(value?.GetValue<string>() ?? "") is { } valueProblem)
            {
                errors.Invalid("metadata.labels", value, valueProblem);
            }
        }

        ValidateAnnotations(metadata, errors);
        ValidateFinalizers(metadata, builtin: !definition.IsCustom && definition.Group != "apiextensions.k8s.io", errors);
        ValidateOwners(metadata, errors);
    }

    /// <summary>Validates what may not change.</summary>
    public static void ValidateUpdate(JsonObject metadata, JsonObject old, FieldErrors errors)
    {
        foreach (var name in Immutable)
        {
            errors.Immutable($"metadata.{name}", metadata[name], old[name]);
        }

        if (old["deletionTimestamp"] is null)
        {
            return;
        }

        var added = metadata.Strings("finalizers").Except(old.Strings("finalizers")).ToList();
        if (added.Count > 0)
        {
            errors.Forbidden(
                "metadata.finalizers",
                $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(f => $"\"{f}\""))}}}");
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

    private static void ValidateAnnotations(JsonObject metadata, FieldErrors errors)
    {
        long total = 0;
        foreach (var (key, value) in metadata.Child("annotations") ?? [])
        {
            if (NameRules.QualifiedName(key.ToLowerInvariant()) is { } problem)
            {
                errors.Invalid("metadata.annotations", key, problem);
            }

            total += key.Length + (value?.GetValue<string>().Length ?? 0);
        }

        if (total > AnnotationsLimit)
        {
            errors.TooLong("metadata.annotations", AnnotationsLimit);
        }
    }

    private static void ValidateFinalizers(JsonObject metadata, bool builtin, FieldErrors errors)
    {
        var index = 0;
        foreach (var finalizer in metadata.Strings("finalizers"))
        {
            if (NameRules.QualifiedName(finalizer) is { } problem)
            {
                errors.Invalid("metadata.finalizers", finalizer, problem);
            }

            if (builtin && !finalizer.Contains('/', StringComparison.Ordinal) && finalizer is not ("orphan" or "foregroundDeletion" or "kubernetes"))
            {
                errors.Invalid($"metadata.finalizers[{index}]", finalizer, "name is neither a standard finalizer name nor is it fully qualified");
            }

            index++;
        }

        if (metadata.Strings("finalizers").Contains("orphan") && metadata.Strings("finalizers").Contains("foregroundDeletion"))
        {
            errors.Invalid("metadata.finalizers", metadata["finalizers"], "finalizer orphan and foregroundDeletion cannot be both set");
        }
    }

    private static void ValidateOwners(JsonObject metadata, FieldErrors errors)
    {
        const string Path = "metadata.ownerReferences";
        var controller = "";
        foreach (var owner in (metadata.Items("ownerReferences") ?? []).OfType<JsonObject>())
        {
            foreach (var field in (string[])["apiVersion", "kind", "name", "uid"])
            {
                if (owner.Text(field).Length == 0)
                {
                    errors.Invalid($"{Path}.{field}", "", field == "apiVersion" ? "version must not be empty" : "must not be empty");
                }
            }

            // Events expire on their own, so they cannot own anything.
            if (owner.Text("apiVersion") == "v1" && owner.Text("kind") == "Event")
            {
                errors.Invalid(Path, owner, "/v1, Kind=Event is disallowed from being an owner");
            }

            if (!owner.Flag("controller"))
            {
                continue;
            }

            var name = $"{owner.Text("kind")}/{owner.Text("name")}";
            if (controller.Length > 0)
            {
                errors.Invalid(Path, metadata["ownerReferences"], $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {name}");
            }

            controller = name;
        }
    }
}

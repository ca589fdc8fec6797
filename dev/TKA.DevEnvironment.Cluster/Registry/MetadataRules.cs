namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>Validation of <c>ObjectMeta</c>, the same for every resource.</summary>
internal static class MetadataRules
{
    private const int AnnotationsLimit = 256 * 1024;

    private static readonly string[] Immutable = ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"];

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

        errors.Check("metadata.namespace", metadata.Text("namespace"), definition.Namespaced ? NameRules.Label(metadata.Text("namespace")) : null);

        foreach (var (key, value) in metadata.Child("labels") ?? [])
        {
            errors.Check("metadata.labels", key, NameRules.QualifiedName(key));
            errors.Check("metadata.labels", value, NameRules.LabelValue(value?.GetValue<string>() ?? ""));
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

        var added = metadata.Texts("finalizers").Except(old.Texts("finalizers")).ToList();
        if (added.Count > 0)
        {
            errors.Forbidden(
                "metadata.finalizers",
                $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(f => $"\"{f}\""))}}}");
        }
    }

    private static void ValidateAnnotations(JsonObject metadata, FieldErrors errors)
    {
        long total = 0;
        foreach (var (key, value) in metadata.Child("annotations") ?? [])
        {
            errors.Check("metadata.annotations", key, NameRules.QualifiedName(key.ToLowerInvariant()));

            total += key.Length + (value?.GetValue<string>().Length ?? 0);
        }

        if (total > AnnotationsLimit)
        {
            errors.TooLong("metadata.annotations", AnnotationsLimit);
        }
    }

    private static void ValidateFinalizers(JsonObject metadata, bool builtin, FieldErrors errors)
    {
        foreach (var (index, finalizer) in metadata.Texts("finalizers").Index())
        {
            errors.Check("metadata.finalizers", finalizer, NameRules.QualifiedName(finalizer));

            if (builtin && !finalizer.Contains('/', StringComparison.Ordinal) && finalizer is not ("orphan" or "foregroundDeletion" or "kubernetes"))
            {
                errors.Invalid($"metadata.finalizers[{index}]", finalizer, "name is neither a standard finalizer name nor is it fully qualified");
            }
        }

        if (metadata.Texts("finalizers").Any(finalizer => finalizer is "orphan" or "foregroundDeletion"))
        {
            throw Statuses.NotImplemented("deletion in the foreground or without the dependents");
        }
    }

    private static void ValidateOwners(JsonObject metadata, FieldErrors errors)
    {
        const string Path = "metadata.ownerReferences";
        var controller = "";
        foreach (var owner in metadata.Objects("ownerReferences"))
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

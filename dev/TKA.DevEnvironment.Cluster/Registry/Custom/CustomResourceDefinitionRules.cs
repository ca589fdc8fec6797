namespace TKA.DevEnvironment.Cluster.Registry.Custom;

/// <summary>Validation of CustomResourceDefinitions.</summary>
internal static class CustomResourceDefinitionRules
{
    /// <summary>Validates one.</summary>
    public static void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        var group = spec.Text("group");
        var names = spec.Child("names");
        if (group.Length > 0 && (NameRules.Subdomain(group) is not null || !group.Contains('.', StringComparison.Ordinal)))
        {
            errors.Invalid("spec.group", group, NameRules.Subdomain(group) ?? "should be a domain with at least one dot");
        }

        ValidateApproval(obj, group, errors);
        foreach (var field in (string[])["plural", "singular", "kind", "listKind"])
        {
            if (names.Text(field) is not { Length: > 0 } value)
            {
                errors.Required($"spec.names.{field}");
            }
            else if (NameRules.Label1035(field is "kind" or "listKind" ? value.ToLowerInvariant() : value) is { } nameProblem)
            {
                errors.Invalid($"spec.names.{field}", value, nameProblem);
            }
        }

        ValidateNames(spec, names, errors);
        var expected = $"{names.Text("plural")}.{group}";
        if (obj.Child("metadata").Text("name") != expected)
        {
            errors.Invalid("metadata.name", obj.Child("metadata").Text("name"), $"must be spec.names.plural+\".\"+spec.group");
        }

        CustomResourceVersionRules.Validate(spec, errors);
    }

    /// <summary>Validates a change.</summary>
    public static void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (obj.Child("spec"), old.Child("spec"));
        foreach (var field in (string[])["group", "scope"])
        {
            errors.Immutable($"spec.{field}", spec?[field], before?[field]);
        }

        foreach (var field in (string[])["plural", "kind"])
        {
            errors.Immutable($"spec.names.{field}", spec.Child("names")?[field], before.Child("names")?[field]);
        }

        var served = spec.Objects("versions").Select(v => v.Text("name")).ToHashSet();
        foreach (var version in old.Child("status").Texts("storedVersions").Where(v => !served.Contains(v)))
        {
            errors.Invalid("status.storedVersions[0]", version, "must appear in spec.versions");
        }
    }

    private static void ValidateNames(JsonObject? spec, JsonObject? names, FieldErrors errors)
    {
        foreach (var list in (string[])["shortNames", "categories"])
        {
            foreach (var (index, name) in names.Texts(list).Index())
            {
                errors.Check($"spec.names.{list}[{index}]", name, NameRules.Label1035(name));
            }
        }

        if (names.Text("listKind") is { Length: > 0 } listKind && listKind == names.Text("kind"))
        {
            errors.Invalid("spec.names.listKind", listKind, "kind and listKind may not be the same");
        }

        if (spec.Flag("preserveUnknownFields"))
        {
            errors.Invalid("spec.preserveUnknownFields", true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        }
    }

    /// <summary>Groups of the Kubernetes project belong to it.</summary>
    private static void ValidateApproval(JsonObject obj, string group, FieldErrors errors)
    {
        const string Annotation = "api-approved.kubernetes.io";
        var isProtected = group is "k8s.io" or "kubernetes.io"
            || group.EndsWith(".k8s.io", StringComparison.Ordinal)
            || group.EndsWith(".kubernetes.io", StringComparison.Ordinal);
        if (isProtected && obj.Child("metadata").Child("annotations").Text(Annotation).Length == 0)
        {
            errors.Required(
                $"metadata.annotations[{Annotation}]",
                "protected groups must have approval annotation \"api-approved.kubernetes.io\", see https://github.com/kubernetes/enhancements/pull/1111");
        }
    }
}

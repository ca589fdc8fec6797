using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Custom;

/// <summary>Validation of CustomResourceDefinitions.</summary>
internal static class CustomResourceDefinitionRules
{
    private static readonly string[] Scopes = ["Cluster", "Namespaced"];

    /// <summary>Validates one.</summary>
    public static void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        var group = spec.Text("group");
        var names = spec.Child("names");
        if (group.Length == 0)
        {
            errors.Required("spec.group");
        }
        else if (NameRules.Subdomain(group) is { } problem || !group.Contains('.', StringComparison.Ordinal))
        {
            errors.Invalid("spec.group", group, NameRules.Subdomain(group) ?? "should be a domain with at least one dot");
        }

        foreach (var field in (string[])["plural", "singular", "kind", "listKind"])
        {
            if (names.Text(field) is not { Length: > 0 } value)
            {
                errors.Required($"spec.names.{field}");
            }
            else if (NameRules.Label1035(value.ToLowerInvariant()) is { } nameProblem)
            {
                errors.Invalid($"spec.names.{field}", value, nameProblem);
            }
        }

        var expected = $"{names.Text("plural")}.{group}";
        if (obj.Child("metadata").Text("name") != expected)
        {
            errors.Invalid("metadata.name", obj.Child("metadata").Text("name"), $"must be spec.names.plural+\".\"+spec.group");
        }

        if (!Scopes.Contains(spec.Text("scope")))
        {
            if (spec.Text("scope").Length == 0)
            {
                errors.Required("spec.scope");
            }
            else
            {
                errors.NotSupported("spec.scope", spec.Text("scope"), Scopes);
            }
        }

        if (spec.Child("conversion").Text("strategy") != "None")
        {
            errors.NotSupported("spec.conversion.strategy", spec.Child("conversion").Text("strategy"), ["None"]);
        }

        ValidateVersions(spec, errors);
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

        var served = (spec.Items("versions") ?? []).OfType<JsonObject>().Select(v => v.Text("name")).ToHashSet();
        foreach (var version in old.Child("status").Strings("storedVersions").Where(v => !served.Contains(v)))
        {
            errors.Invalid("status.storedVersions[0]", version, "must appear in spec.versions");
        }
    }

    private static void ValidateVersions(JsonObject? spec, FieldErrors errors)
    {
        var versions = spec.Items("versions") ?? [];
        if (versions.Count == 0)
        {
            errors.Required("spec.versions");
            return;
        }

        var seen = new HashSet<string>();
        var index = 0;
        foreach (var version in versions.OfType<JsonObject>())
        {
            var path = $"spec.versions[{index++}]";
            var name = version.Text("name");
            if (NameRules.Label1035(name) is { } problem)
            {
                errors.Invalid($"{path}.name", name, problem);
            }
            else if (!seen.Add(name))
            {
                errors.Duplicate($"{path}.name", name);
            }

            if (version.Child("schema").Child("openAPIV3Schema") is not { } schema)
            {
                errors.Required($"{path}.schema.openAPIV3Schema", "schemas are required");
            }
            else
            {
                StructuralRules.Validate(schema, $"{path}.schema.openAPIV3Schema", errors);
            }
        }

        if (versions.OfType<JsonObject>().Count(v => v.Flag("storage")) != 1)
        {
            errors.Invalid("spec.versions", spec?["versions"], "must have exactly one version marked as storage version");
        }
    }
}

using TKA.DevEnvironment.Cluster.Tables;

namespace TKA.DevEnvironment.Cluster.Registry.Custom;

/// <summary>Validation of <c>spec.versions</c> of CustomResourceDefinitions.</summary>
internal static class CustomResourceVersionRules
{
    /// <summary>Validates all versions.</summary>
    public static void Validate(JsonObject? spec, FieldErrors errors)
    {
        var versions = spec.Items("versions") ?? [];
        if (versions.Count == 0)
        {
            errors.Required("spec.versions");
            return;
        }

        if (versions.Count > 1)
        {
            errors.Forbidden("spec.versions", "the embedded cluster serves one version of a kind");
        }

        var seen = new HashSet<string>();
        foreach (var (index, version) in versions.OfType<JsonObject>().Index())
        {
            var path = $"spec.versions[{index}]";
            var name = version.Text("name");
            if (NameRules.Label1035(name) is { } problem)
            {
                errors.Invalid($"{path}.name", name, problem);
            }
            else if (!seen.Add(name))
            {
                errors.Duplicate($"{path}.name", name);
            }

            ValidateColumns(version, path, errors);
            errors.NotImplemented(version["subresources"], $"{path}.subresources", "scale");
            errors.NotImplemented(version, path, "selectableFields");
            if (!version.Flag("deprecated") && version["deprecationWarning"] is JsonValue warning)
            {
                errors.Invalid($"{path}.deprecationWarning", warning.DeepClone(), "can only be set for deprecated versions");
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

    private static void ValidateColumns(JsonObject version, string path, FieldErrors errors)
    {
        foreach (var (index, column) in version.Objects("additionalPrinterColumns").Index())
        {
            var at = $"{path}.additionalPrinterColumns[{index}]";
            try
            {
                JsonPath.Parse(column.Text("jsonPath"));
            }
            catch (FormatException exception)
            {
                errors.Invalid($"{at}.jsonPath", column.Text("jsonPath"), exception.Message);
            }
        }
    }
}

using TKA.DevEnvironment.Cluster.Selection;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>Completes and validates <c>matchConstraints</c> of policies and <c>matchResources</c> of bindings.</summary>
internal static class MatchValidation
{
    /// <summary>Fills in defaults and adds what is wrong.</summary>
    public static void Validate(JsonObject match, string path, bool rulesRequired, FieldErrors errors)
    {
        match["matchPolicy"] ??= "Equivalent";
        match["namespaceSelector"] ??= new JsonObject();
        match["objectSelector"] ??= new JsonObject();
        foreach (var selector in (ReadOnlySpan<string>)["namespaceSelector", "objectSelector"])
        {
            StructuredLabelSelector.Validate(match[selector], $"{path}.{selector}", errors);
        }

        if (rulesRequired && match.Objects("resourceRules").Count == 0)
        {
            errors.Required($"{path}.resourceRules");
        }

        errors.NotImplemented(match, path, "excludeResourceRules");
        foreach (var (i, rule) in match.Objects("resourceRules").Index())
        {
            ValidateRule(rule, $"{path}.resourceRules[{i}]", errors);
        }
    }

    private static void ValidateRule(JsonObject rule, string path, FieldErrors errors)
    {
        rule["scope"] ??= "*";
        foreach (var field in (ReadOnlySpan<string>)["operations", "apiGroups", "apiVersions", "resources"])
        {
            var values = rule.Texts(field);
            if (field != "resources" && values.Count > 1 && values.Contains("*"))
            {
                errors.Invalid($"{path}.{field}", values.ToJsonArray(), "if '*' is present, must not specify other values");
            }

            // The empty group is the core group.
            for (var i = 0; i < values.Count; i++)
            {
                if (values[i].Length == 0 && field != "apiGroups")
                {
                    errors.Required($"{path}.{field}[{i}]");
                }
            }
        }

        ValidateResources(rule.Texts("resources"), $"{path}.resources", errors);
        var names = rule.Texts("resourceNames");
        foreach (var (i, name) in names.Index())
        {
            errors.Check($"{path}.resourceNames[{i}]", name, NameRules.PathSegment(name));
            if (names.Take(i).Contains(name))
            {
                errors.Duplicate($"{path}.resourceNames[{i}]", name);
            }
        }
    }

    /// <summary>What a wildcard covers is not named beside it.</summary>
    private static void ValidateResources(IReadOnlyList<string> resources, string path, FieldErrors errors)
    {
        if (resources.Contains("*/*") && resources.Count > 1)
        {
            errors.Invalid(path, resources.ToJsonArray(), "if '*/*' is present, must not specify other resources");
        }

        if (resources.Contains("*") && resources.Any(r => r != "*" && !r.Contains('/', StringComparison.Ordinal)))
        {
            errors.Invalid(path, resources.ToJsonArray(), "if '*' is present, must not specify other resources without subresources");
        }

        for (var i = 0; i < resources.Count; i++)
        {
            if (resources[i].Split('/') is not [var resource, var subresource])
            {
                continue;
            }

            if (subresource != "*" && resources.Contains($"{resource}/*"))
            {
                errors.Invalid($"{path}[{i}]", resources[i], $"if '{resource}/*' is present, must not specify {resources[i]}");
            }

            if (resource != "*" && resources.Contains($"*/{subresource}"))
            {
                errors.Invalid($"{path}[{i}]", resources[i], $"if '*/{subresource}' is present, must not specify {resources[i]}");
            }
        }
    }
}

using TKA.DevEnvironment.Cluster.Selection;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>Defaults and validation of the four RBAC kinds.</summary>
internal static class RbacValidation
{
    /// <summary>Fills the API groups that clients may leave out.</summary>
    public static void SetDefaults(string kind, JsonObject resource)
    {
        if (kind is not ("RoleBinding" or "ClusterRoleBinding"))
        {
            return;
        }

        if (resource["roleRef"] is JsonObject role && role.Text("apiGroup").Length == 0)
        {
            role["apiGroup"] = RbacPolicy.Group;
        }

        foreach (var subject in resource.Objects("subjects"))
        {
            if (subject.Text("kind") is "User" or "Group" && subject.Text("apiGroup").Length == 0)
            {
                subject["apiGroup"] = RbacPolicy.Group;
            }
        }
    }

    /// <summary>Validates an object to be stored; <paramref name="old"/> is what is stored now.</summary>
    /// <exception cref="StatusException">422 with a cause for each field.</exception>
    public static void Validate(string kind, JsonObject resource, JsonObject? old)
    {
        var errors = new FieldErrors();
        switch (kind)
        {
            case "Role" or "ClusterRole":
                ValidateRules(resource.Objects("rules"), kind == "Role", errors);
                if (kind == "ClusterRole")
                {
                    ValidateAggregation(resource, errors);
                }

                break;
            case "RoleBinding" or "ClusterRoleBinding":
                ValidateRoleRef(resource.At("roleRef") as JsonObject ?? [], kind, old, errors);
                var subjects = resource.Objects("subjects");
                for (var i = 0; i < subjects.Count; i++)
                {
                    ValidateSubject(subjects[i], $"subjects[{i}]", kind == "RoleBinding", errors);
                }

                break;
        }

        errors.ThrowIfAny(RbacPolicy.Group, kind, resource.Name());
    }

    private static void ValidateRules(IReadOnlyList<JsonObject> rules, bool namespaced, FieldErrors errors)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            var (rule, path) = (PolicyRule.Read(rules[i]), $"rules[{i}]");
            if (rule.Verbs.Count == 0)
            {
                errors.Required($"{path}.verbs", "verbs must contain at least one value");
            }

            if (rule.NonResourceUrls.Count > 0)
            {
                var urls = rules[i]["nonResourceURLs"];
                if (namespaced)
                {
                    errors.Invalid($"{path}.nonResourceURLs", urls, "namespaced rules cannot apply to non-resource URLs");
                }

                if (rule.ApiGroups.Count + rule.Resources.Count + rule.ResourceNames.Count > 0)
                {
                    errors.Invalid($"{path}.nonResourceURLs", urls, "rules cannot apply to both regular resources and non-resource URLs");
                }

                continue;
            }

            if (rule.ApiGroups.Count == 0)
            {
                errors.Required($"{path}.apiGroups", "resource rules must supply at least one api group");
            }

            if (rule.Resources.Count == 0)
            {
                errors.Required($"{path}.resources", "resource rules must supply at least one resource");
            }
        }
    }

    private static void ValidateAggregation(JsonObject role, FieldErrors errors)
    {
        if (role.At("aggregationRule") is not JsonObject aggregation)
        {
            return;
        }

        var selectors = aggregation.Objects("clusterRoleSelectors");
        if (selectors.Count == 0)
        {
            errors.Required("aggregationRule.clusterRoleSelectors", "at least one clusterRoleSelector required if aggregationRule is non-nil");
        }

        for (var i = 0; i < selectors.Count; i++)
        {
            var path = $"aggregationRule.clusterRoleSelectors[{i}]";
            if (!StructuredLabelSelector.Validate(selectors[i], path, errors))
            {
                errors.Invalid(path, null, "invalid label selector.");
            }
        }
    }

    private static void ValidateRoleRef(JsonObject role, string kind, JsonObject? old, FieldErrors errors)
    {
        if (role.Text("apiGroup") != RbacPolicy.Group)
        {
            errors.NotSupported("roleRef.apiGroup", role.Text("apiGroup"), [RbacPolicy.Group]);
        }

        var roleKind = role.Text("kind");
        if (kind == "ClusterRoleBinding" ? roleKind != "ClusterRole" : roleKind is not ("Role" or "ClusterRole"))
        {
            if (kind == "ClusterRoleBinding")
            {
                errors.NotSupported("roleRef.kind", roleKind, ["ClusterRole"]);
            }
            else
            {
                errors.NotSupported("roleRef.kind", roleKind, ["ClusterRole", "Role"]);
            }
        }

        var name = role.Text("name");
        if (name.Length == 0)
        {
            errors.Required("roleRef.name");
        }
        else if (NameRules.PathSegment(name) is { } problem)
        {
            errors.Invalid("roleRef.name", name, problem);
        }

        if (old is not null && !JsonNode.DeepEquals(old.At("roleRef"), role))
        {
            errors.Invalid("roleRef", role, "cannot change roleRef");
        }
    }

    private static void ValidateSubject(JsonObject subject, string path, bool namespaced, FieldErrors errors)
    {
        var (kind, name, group) = (subject.Text("kind"), subject.Text("name"), subject.Text("apiGroup"));
        if (name.Length == 0)
        {
            errors.Required($"{path}.name");
        }

        switch (kind)
        {
            case "ServiceAccount":
                if (name.Length > 0 && NameRules.Subdomain(name) is { } problem)
                {
                    errors.Invalid($"{path}.name", name, problem);
                }

                if (group.Length > 0)
                {
                    errors.NotSupported($"{path}.apiGroup", group, [""]);
                }

                if (!namespaced && subject.Text("namespace").Length == 0)
                {
                    errors.Required($"{path}.namespace");
                }

                break;
            case "User" or "Group":
                if (group != RbacPolicy.Group)
                {
                    errors.NotSupported($"{path}.apiGroup", group, [RbacPolicy.Group]);
                }

                break;
            default:
                errors.NotSupported($"{path}.kind", kind, ["ServiceAccount", "User", "Group"]);
                break;
        }
    }
}

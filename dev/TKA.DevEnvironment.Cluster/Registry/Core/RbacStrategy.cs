using TKA.DevEnvironment.Cluster.Authorization;
using TKA.DevEnvironment.Cluster.Selection;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Roles and bindings. Whether the writer may grant what they say is checked in <see cref="RbacAdmission"/>.</summary>
internal sealed class RbacStrategy(string kind) : BuiltinStrategy(kind)
{
    private bool IsNamespaced => Kind is "Role" or "RoleBinding";

    private bool IsBinding => Kind is "RoleBinding" or "ClusterRoleBinding";

    public override string? NameProblem(string name) => NameRules.PathSegment(name);

    public override void Default(JsonObject obj)
    {
        if (obj["roleRef"] is JsonObject role && role.Text("apiGroup").Length == 0)
        {
            role["apiGroup"] = RbacPolicy.Group;
        }

        foreach (var subject in obj.Objects("subjects"))
        {
            if (subject.Text("kind") is "User" or "Group" && subject.Text("apiGroup").Length == 0)
            {
                subject["apiGroup"] = RbacPolicy.Group;
            }
        }
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (IsBinding && !JsonNode.DeepEquals(old["roleRef"], obj["roleRef"]))
        {
            errors.Invalid("roleRef", obj["roleRef"], "cannot change roleRef");
        }
    }

    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        if (IsBinding)
        {
            ValidateRoleRef(obj.Child("roleRef"), errors);
            Each(obj.Objects("subjects"), "subjects", (subject, path) => ValidateSubject(subject, path, errors));
            return;
        }

        Each(obj.Objects("rules"), "rules", (rule, path) => ValidateRule(PolicyRule.Read(rule), rule, path, errors));
        Each(obj.Objects("aggregationRule", "clusterRoleSelectors"), "aggregationRule.clusterRoleSelectors", (selector, path) =>
        {
            if (!StructuredLabelSelector.Validate(selector, path, errors))
            {
                errors.Invalid(path, null, "invalid label selector.");
            }
        });
    }

    private static void Each(IReadOnlyList<JsonObject> items, string path, Action<JsonObject, string> validate)
    {
        for (var i = 0; i < items.Count; i++)
        {
            validate(items[i], $"{path}[{i}]");
        }
    }

    private void ValidateRule(PolicyRule rule, JsonObject json, string path, FieldErrors errors)
    {
        if (rule.NonResourceUrls.Count == 0)
        {
            if (rule.ApiGroups.Count == 0)
            {
                errors.Required($"{path}.apiGroups", "resource rules must supply at least one api group");
            }

            if (rule.Resources.Count == 0)
            {
                errors.Required($"{path}.resources", "resource rules must supply at least one resource");
            }

            return;
        }

        if (IsNamespaced)
        {
            errors.Invalid($"{path}.nonResourceURLs", json["nonResourceURLs"], "namespaced rules cannot apply to non-resource URLs");
        }

        if (rule.ApiGroups.Count + rule.Resources.Count + rule.ResourceNames.Count > 0)
        {
            errors.Invalid($"{path}.nonResourceURLs", json["nonResourceURLs"], "rules cannot apply to both regular resources and non-resource URLs");
        }
    }

    private void ValidateRoleRef(JsonObject? role, FieldErrors errors)
    {
        if (!IsNamespaced && role.Text("kind") == "Role")
        {
            errors.NotSupported("roleRef.kind", role.Text("kind"), ["ClusterRole"]);
        }

        errors.Check("roleRef.name", role.Text("name"), NameRules.PathSegment(role.Text("name")));
    }

    private void ValidateSubject(JsonObject subject, string path, FieldErrors errors)
    {
        var (name, group) = (subject.Text("name"), subject.Text("apiGroup"));
        if (subject.Text("kind") is not ("ServiceAccount" or "User" or "Group"))
        {
            return;
        }

        var isAccount = subject.Text("kind") == "ServiceAccount";
        if (group != (isAccount ? "" : RbacPolicy.Group))
        {
            errors.NotSupported($"{path}.apiGroup", group, [isAccount ? "" : RbacPolicy.Group]);
        }

        if (isAccount && name.Length > 0 && NameRules.Subdomain(name) is { } problem)
        {
            errors.Invalid($"{path}.name", name, problem);
        }

        if (isAccount && !IsNamespaced && subject.Text("namespace").Length == 0)
        {
            errors.Required($"{path}.namespace");
        }
    }
}

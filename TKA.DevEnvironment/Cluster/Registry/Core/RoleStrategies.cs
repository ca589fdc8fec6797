using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Roles and ClusterRoles: the form of rules. Whether the author may grant them is an admission question.</summary>
internal sealed class RoleStrategy : BuiltinStrategy
{
    /// <inheritdoc/>
    public override string? NameProblem(string name) => NameRules.PathSegment(name);

    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        if (obj["rules"] is null)
        {
            obj["rules"] = new JsonArray();
        }
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var cluster = obj.Text("kind") == "ClusterRole";
        var index = 0;
        foreach (var rule in (obj.Items("rules") ?? []).OfType<JsonObject>())
        {
            var path = $"rules[{index++}]";
            if (!rule.Strings("verbs").Any())
            {
                errors.Required($"{path}.verbs", "verbs must contain at least one value");
            }

            if (rule.Strings("nonResourceURLs").Any())
            {
                if (!cluster)
                {
                    errors.Invalid($"{path}.nonResourceURLs", rule["nonResourceURLs"], "namespaced rules cannot apply to non-resource URLs");
                }

                if (rule.Strings("apiGroups").Any() || rule.Strings("resources").Any() || rule.Strings("resourceNames").Any())
                {
                    errors.Invalid($"{path}.nonResourceURLs", rule["nonResourceURLs"], "rules cannot apply to both regular resources and non-resource URLs");
                }

                continue;
            }

            if (!rule.Strings("apiGroups").Any())
            {
                errors.Required($"{path}.apiGroups", "resource rules must supply at least one api group");
            }

            if (!rule.Strings("resources").Any())
            {
                errors.Required($"{path}.resources", "resource rules must supply at least one resource");
            }
        }
    }
}

/// <summary>RoleBindings and ClusterRoleBindings: subjects, and a roleRef that never changes.</summary>
internal sealed class RoleBindingStrategy : BuiltinStrategy
{
    private const string RbacGroup = "rbac.authorization.k8s.io";

    /// <inheritdoc/>
    public override string? NameProblem(string name) => NameRules.PathSegment(name);

    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        var role = obj.ChildOrNew("roleRef");
        role["apiGroup"] ??= RbacGroup;
        foreach (var subject in (obj.Items("subjects") ?? []).OfType<JsonObject>())
        {
            if (subject.Text("kind") is "User" or "Group")
            {
                subject["apiGroup"] ??= RbacGroup;
            }
        }
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var cluster = obj.Text("kind") == "ClusterRoleBinding";
        var role = obj.Child("roleRef");
        if (role.Text("apiGroup") != RbacGroup)
        {
            errors.NotSupported("roleRef.apiGroup", role.Text("apiGroup"), [RbacGroup]);
        }

        string[] kinds = cluster ? ["ClusterRole"] : ["Role", "ClusterRole"];
        if (!kinds.Contains(role.Text("kind")))
        {
            errors.NotSupported("roleRef.kind", role.Text("kind"), kinds);
        }

        if (role.Text("name").Length == 0)
        {
            errors.Required("roleRef.name");
        }
        else if (NameRules.PathSegment(role.Text("name")) is { } problem)
        {
            errors.Invalid("roleRef.name", role.Text("name"), problem);
        }

        var index = 0;
        foreach (var subject in (obj.Items("subjects") ?? []).OfType<JsonObject>())
        {
            ValidateSubject(subject, $"subjects[{index++}]", cluster, errors);
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(obj["roleRef"], old["roleRef"]))
        {
            errors.Invalid("roleRef", obj["roleRef"], "cannot change roleRef");
        }
    }

    private static void ValidateSubject(JsonObject subject, string path, bool cluster, FieldErrors errors)
    {
        if (subject.Text("name").Length == 0)
        {
            errors.Required($"{path}.name");
        }

        switch (subject.Text("kind"))
        {
            case "ServiceAccount":
                if (subject.Text("name") is { Length: > 0 } name && NameRules.Subdomain(name) is { } problem)
                {
                    errors.Invalid($"{path}.name", name, problem);
                }

                if (subject.Text("apiGroup").Length > 0)
                {
                    errors.NotSupported($"{path}.apiGroup", subject["apiGroup"], [""]);
                }

                if (cluster && subject.Text("namespace").Length == 0)
                {
                    errors.Required($"{path}.namespace");
                }

                break;
            case "User" or "Group":
                if (subject.Text("apiGroup") != RbacGroup)
                {
                    errors.NotSupported($"{path}.apiGroup", subject.Text("apiGroup"), [RbacGroup]);
                }

                break;
            case var other:
                errors.NotSupported($"{path}.kind", other, ["ServiceAccount", "User", "Group"]);
                break;
        }
    }
}

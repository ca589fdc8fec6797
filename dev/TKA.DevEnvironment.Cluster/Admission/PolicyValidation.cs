using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Selection;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// Completes and validates ValidatingAdmissionPolicies and their bindings. A policy whose expressions do not compile is refused
/// here, so that none is ever silently without effect.
/// </summary>
internal sealed class PolicyValidation : IAdmissionPlugin
{
    private static readonly string[] Actions = ["Audit", "Deny", "Warn"];
    private static readonly string[] Operations = ["CONNECT", "CREATE", "DELETE", "UPDATE", "*"];

    /// <inheritdoc/>
    public void Admit(AdmissionRequest request)
    {
        if (request.Request is not { ApiGroup: PolicyAdmission.Group, Subresource: "" } || request.Object is not { } resource)
        {
            return;
        }

        var errors = new FieldErrors();
        switch (request.Kind)
        {
            case "ValidatingAdmissionPolicy":
                ValidatePolicy(resource, errors);
                break;
            case "ValidatingAdmissionPolicyBinding":
                ValidateBinding(resource, errors);
                break;
        }

        errors.ThrowIfAny(PolicyAdmission.Group, request.Kind, resource.Name());
    }

    private static void ValidatePolicy(JsonObject policy, FieldErrors errors)
    {
        if (policy["spec"] is not JsonObject spec)
        {
            errors.Required("spec");
            return;
        }

        spec["failurePolicy"] ??= "Fail";
        if (spec.Text("failurePolicy") is not ("Fail" or "Ignore"))
        {
            errors.NotSupported("spec.failurePolicy", spec.Text("failurePolicy"), ["Fail", "Ignore"]);
        }

        if (spec["matchConstraints"] is not JsonObject match)
        {
            errors.Required("spec.matchConstraints");
        }
        else
        {
            ValidateMatch(match, "spec.matchConstraints", rulesRequired: true, errors);
        }

        if (spec.Objects("validations").Count == 0 && spec.Objects("auditAnnotations").Count == 0)
        {
            errors.Required("spec.validations", "validations or auditAnnotations must contain at least one item");
        }

        if (spec["paramKind"] is JsonObject kind)
        {
            var version = kind.Text("apiVersion");
            if (version.Length == 0)
            {
                errors.Required("spec.paramKind.apiVersion");
            }
            else if (version.Count(c => c == '/') > 1)
            {
                errors.Invalid("spec.paramKind.apiVersion", version, $"unexpected GroupVersion string: {version}");
            }

            if (kind.Text("kind").Length == 0)
            {
                errors.Required("spec.paramKind.kind");
            }
        }

        if (spec.Objects("auditAnnotations").Count > 0)
        {
            errors.Forbidden("spec.auditAnnotations", "the embedded cluster has no audit log to write them to");
        }

        AdmissionPolicy.Compile(policy, errors);
    }

    private static void ValidateBinding(JsonObject binding, FieldErrors errors)
    {
        if (binding["spec"] is not JsonObject spec)
        {
            errors.Required("spec");
            return;
        }

        var policyName = spec.Text("policyName");
        if (policyName.Length == 0)
        {
            errors.Required("spec.policyName");
        }
        else if (NameRules.Subdomain(policyName) is { } problem)
        {
            errors.Invalid("spec.policyName", policyName, problem);
        }

        var actions = spec.Texts("validationActions");
        if (actions.Count == 0)
        {
            errors.Required("spec.validationActions", "at least one validation action is required");
        }

        for (var i = 0; i < actions.Count; i++)
        {
            if (!Actions.Contains(actions[i]))
            {
                errors.NotSupported($"spec.validationActions[{i}]", actions[i], Actions);
            }
            else if (actions.Take(i).Contains(actions[i]))
            {
                errors.Duplicate($"spec.validationActions[{i}]", actions[i]);
            }
        }

        if (actions.Contains("Deny") && actions.Contains("Warn"))
        {
            errors.Invalid("spec.validationActions", actions.ToJsonArray(), "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)");
        }

        if (spec["matchResources"] is JsonObject match)
        {
            ValidateMatch(match, "spec.matchResources", rulesRequired: false, errors);
        }

        if (spec["paramRef"] is JsonObject reference)
        {
            if ((reference.Text("name").Length > 0) == reference["selector"] is JsonObject)
            {
                errors.Forbidden("spec.paramRef.name", "exactly one of name and selector must be specified");
            }

            if (reference.Text("parameterNotFoundAction") is not ("Allow" or "Deny"))
            {
                errors.Required("spec.paramRef.parameterNotFoundAction");
            }
        }
    }

    private static void ValidateMatch(JsonObject match, string path, bool rulesRequired, FieldErrors errors)
    {
        match["matchPolicy"] ??= "Equivalent";
        match["namespaceSelector"] ??= new JsonObject();
        match["objectSelector"] ??= new JsonObject();
        if (match.Text("matchPolicy") is not ("Equivalent" or "Exact"))
        {
            errors.NotSupported($"{path}.matchPolicy", match.Text("matchPolicy"), ["Equivalent", "Exact"]);
        }

        foreach (var selector in (ReadOnlySpan<string>)["namespaceSelector", "objectSelector"])
        {
            StructuredLabelSelector.Validate(match[selector], $"{path}.{selector}", errors);
        }

        if (rulesRequired && match.Objects("resourceRules").Count == 0)
        {
            errors.Required($"{path}.resourceRules");
        }

        foreach (var list in (ReadOnlySpan<string>)["resourceRules", "excludeResourceRules"])
        {
            var rules = match.Objects(list);
            for (var i = 0; i < rules.Count; i++)
            {
                ValidateRule(rules[i], $"{path}.{list}[{i}]", errors);
            }
        }
    }

    private static void ValidateRule(JsonObject rule, string path, FieldErrors errors)
    {
        rule["scope"] ??= "*";
        if (rule.Text("scope") is not ("*" or "Cluster" or "Namespaced"))
        {
            errors.NotSupported($"{path}.scope", rule.Text("scope"), ["*", "Cluster", "Namespaced"]);
        }

        foreach (var field in (ReadOnlySpan<string>)["operations", "apiGroups", "apiVersions", "resources"])
        {
            var values = rule.Texts(field);
            if (values.Count == 0)
            {
                errors.Required($"{path}.{field}");
            }
            else if (field != "resources" && values.Count > 1 && values.Contains("*"))
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
        var names = new HashSet<string>();
        foreach (var name in rule.Texts("resourceNames"))
        {
            if (!names.Add(name))
            {
                errors.Duplicate($"{path}.resourceNames[{rule.Texts("resourceNames").ToList().LastIndexOf(name)}]", name);
            }
        }

        var operations = rule.Texts("operations");
        for (var i = 0; i < operations.Count; i++)
        {
            if (!Operations.Contains(operations[i]))
            {
                errors.NotSupported($"{path}.operations[{i}]", operations[i], Operations);
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

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// Completes and validates ValidatingAdmissionPolicies and their bindings. A policy whose expressions do not compile is refused
/// here, so that none is ever silently without effect.
/// </summary>
internal sealed class PolicyValidation : IAdmissionPlugin
{
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
        if (spec["matchConstraints"] is not JsonObject match)
        {
            errors.Required("spec.matchConstraints");
        }
        else
        {
            MatchValidation.Validate(match, "spec.matchConstraints", rulesRequired: true, errors);
        }

        if (spec.Objects("validations").Count == 0 && spec.Objects("auditAnnotations").Count == 0)
        {
            errors.Required("spec.validations", "validations or auditAnnotations must contain at least one item");
        }

        if (policy.Text("spec", "paramKind", "apiVersion") is var version && version.Count(c => c == '/') > 1)
        {
            errors.Invalid("spec.paramKind.apiVersion", version, $"unexpected GroupVersion string: {version}");
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

        if (spec.Text("policyName") is { Length: > 0 } policyName && NameRules.Subdomain(policyName) is { } problem)
        {
            errors.Invalid("spec.policyName", policyName, problem);
        }

        var actions = spec.Texts("validationActions");
        for (var i = 0; i < actions.Count; i++)
        {
            if (actions.Take(i).Contains(actions[i]))
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
            MatchValidation.Validate(match, "spec.matchResources", rulesRequired: false, errors);
        }

        if (spec["paramRef"] is JsonObject reference && (reference.Text("name").Length > 0) == reference["selector"] is JsonObject)
        {
            errors.Forbidden("spec.paramRef.name", "exactly one of name and selector must be specified");
        }
    }
}

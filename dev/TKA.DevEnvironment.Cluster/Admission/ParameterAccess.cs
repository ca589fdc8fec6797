using TKA.DevEnvironment.Cluster.Authorization;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// What a policy's parameters hold can be found out by what the policy refuses. So whoever writes a policy or binding with parameters must be
/// allowed to read them (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#authorization-check).
/// </summary>
internal sealed class ParameterAccess(RbacAuthorizer authorizer, ResourceRegistry registry, ObjectStore objects) : IAdmissionPlugin
{
    private const string Any = "*";

    public void Admit(AdmissionRequest request)
    {
        if (request.Request is not { ApiGroup: PolicyAdmission.Group, Subresource: "" }
            || request.Object is not { } resource
            || RbacAuthorizer.IsPrivileged(request.User))
        {
            return;
        }

        var errors = new FieldErrors();
        switch (request.Kind)
        {
            case "ValidatingAdmissionPolicy":
                CheckPolicy(request, resource, errors);
                break;
            case "ValidatingAdmissionPolicyBinding":
                CheckBinding(request, resource, errors);
                break;
        }

        errors.ThrowIfAny(PolicyAdmission.Group, request.Kind, resource.Name());
    }

    private void CheckPolicy(AdmissionRequest request, JsonObject policy, FieldErrors errors)
    {
        var kind = policy.At("spec", "paramKind");
        if (kind is null || JsonNode.DeepEquals(kind, request.OldObject.At("spec", "paramKind")) || MayRead(request, kind, "get", Any, Any))
        {
            return;
        }

        errors.Forbidden(
            "spec.paramKind",
            $"user {request.User.Username} must have \"get\" permission on all objects of the referenced paramKind (kind={kind.Text("kind")}, apiVersion={kind.Text("apiVersion")})");
    }

    private void CheckBinding(AdmissionRequest request, JsonObject binding, FieldErrors errors)
    {
        var reference = binding.At("spec", "paramRef");
        var policyName = binding.Text("spec", "policyName");
        if (reference is null || (JsonNode.DeepEquals(reference, request.OldObject.At("spec", "paramRef")) && policyName == request.OldObject.Text("spec", "policyName")))
        {
            return;
        }

        var kind = objects.Get(PolicyAdmission.Group, "validatingadmissionpolicies", "", policyName).At("spec", "paramKind");
        var (name, @namespace) = (reference.Text("name"), reference.Text("namespace"));

        // Servers before 1.36 ask for "get" of what a selector chooses, later ones for "list".
        foreach (var verb in name.Length > 0 ? ["get"] : (ReadOnlySpan<string>)["get", "list"])
        {
            if (!MayRead(request, kind, verb, @namespace, name))
            {
                errors.Forbidden("spec.paramRef", $"user {request.User.Username} does not have \"{verb}\" permission on the object referenced by paramRef");
                return;
            }
        }
    }

    /// <summary>A kind that is not known stands for every resource of its group; without a kind, for all.</summary>
    private bool MayRead(AdmissionRequest request, JsonNode? kind, string verb, string @namespace, string name)
    {
        var apiVersion = kind.Text("apiVersion");
        var definition = registry.FindKind(apiVersion, kind.Text("kind"));
        return authorizer.Authorize(request.User, new RequestInfo
        {
            IsResourceRequest = true,
            Verb = verb,
            ApiGroup = definition?.GroupResource.Group ?? (apiVersion.Split('/') is [var group, _] ? group : apiVersion.Length > 0 ? "" : Any),
            Resource = definition?.GroupResource.Resource ?? Any,
            Namespace = @namespace,
            Name = name,
        }).Allowed;
    }
}

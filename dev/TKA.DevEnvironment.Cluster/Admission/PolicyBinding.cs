using TKA.DevEnvironment.Cluster.Selection;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>A ValidatingAdmissionPolicyBinding: where a policy applies, with what parameters, and what happens on a finding.</summary>
internal sealed class PolicyBinding(JsonObject binding)
{
    private readonly ResourceMatcher _matcher = new(binding.At("spec", "matchResources"));
    private readonly JsonNode? _paramRef = binding.At("spec", "paramRef");

    /// <summary>Name.</summary>
    public string Name { get; } = binding.Name();

    /// <summary>Name of the policy.</summary>
    public string PolicyName { get; } = binding.Text("spec", "policyName");

    /// <summary><c>Deny</c>, <c>Warn</c>, <c>Audit</c>.</summary>
    public IReadOnlyList<string> Actions { get; } = binding.Texts("spec", "validationActions");

    /// <summary>Whether the binding applies to a request.</summary>
    public bool Matches(AdmissionRequest request, ObjectStore objects) => _matcher.Matches(request, objects);

    /// <summary>
    /// The parameter objects to evaluate the policy with: one null when it takes none. Null when they are missing and that must
    /// refuse the request; empty when it must not.
    /// </summary>
    public IReadOnlyList<JsonObject?>? Parameters(
        AdmissionPolicy policy, AdmissionRequest request, ObjectStore objects, ResourceRegistry registry)
    {
        if (policy.ParamKind is null || _paramRef is null)
        {
            return [null];
        }

        if (registry.FindKind(policy.ParamKind.Text("apiVersion"), policy.ParamKind.Text("kind")) is not { } kind)
        {
            return policy.FailsClosed ? null : [];
        }

        var @namespace = !kind.Namespaced ? "" : _paramRef.Text("namespace") is { Length: > 0 } given ? given : request.Request.Namespace;
        IReadOnlyList<JsonObject?> found = _paramRef.Text("name") is { Length: > 0 } name
            ? objects.Get(kind.GroupResource.Group, kind.GroupResource.Resource, @namespace, name) is { } one ? [one] : []
            : [.. objects.List(kind.GroupResource.Group, kind.GroupResource.Resource, @namespace).Where(candidate => StructuredLabelSelector.Matches(_paramRef.At("selector"), candidate.At("metadata", "labels")))];
        return found.Count == 0 && _paramRef.Text("parameterNotFoundAction") != "Allow" ? null : found;
    }
}

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// Evaluates ValidatingAdmissionPolicies. A policy takes effect with the write that stores it, where a real server takes a
/// moment to notice.
/// </summary>
/// <param name="objects">Stored objects.</param>
/// <param name="registry">What is served, for parameter objects.</param>
internal sealed class PolicyAdmission(ObjectStore objects, ResourceRegistry registry) : IAdmissionPlugin
{
    public const string Group = "admissionregistration.k8s.io";
    public const string Policies = "validatingadmissionpolicies";
    public const string Bindings = "validatingadmissionpolicybindings";

    private readonly Lock _gate = new();
    private Snapshot? _snapshot;

    public void Admit(AdmissionRequest request)
    {
        // Policies do not apply to policies and bindings, so that a mistake in one can be corrected.
        if (request.Request is { ApiGroup: Group, Resource: Policies or Bindings })
        {
            return;
        }

        foreach (var (policy, bindings) in Current().Policies)
        {
            if (!policy.Matches(request, objects))
            {
                continue;
            }

            Dictionary<string, object?>? values = null;
            foreach (var binding in bindings)
            {
                if (!binding.Matches(request, objects))
                {
                    continue;
                }

                values ??= AdmissionVariables.Values(request, NamespaceObject(request));
                Judge(policy, binding, request, values);
            }
        }
    }

    private void Judge(AdmissionPolicy policy, PolicyBinding binding, AdmissionRequest request, Dictionary<string, object?> values)
    {
        if (binding.Parameters(policy, request, objects, registry) is not { } parameters)
        {
            Act(policy, binding, request, new("failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction", "Invalid"));
            return;
        }

        foreach (var parameter in parameters)
        {
            foreach (var finding in policy.Evaluate(values, parameter))
            {
                Act(policy, binding, request, finding);
            }
        }
    }

    private static void Act(AdmissionPolicy policy, PolicyBinding binding, AdmissionRequest request, PolicyFinding finding)
    {
        if (binding.Actions.Contains("Warn"))
        {
            request.Warn?.Invoke($"Validation failed for ValidatingAdmissionPolicy '{policy.Name}' with binding '{binding.Name}': {finding.Message}");
        }

        if (!binding.Actions.Contains("Deny"))
        {
            return;
        }

        var message = $"ValidatingAdmissionPolicy '{policy.Name}' with binding '{binding.Name}' denied request: {finding.Message}";
        var info = request.Request;
        var name = info.Name.Length > 0 ? info.Name : request.Object?.Name() ?? "";
        var code = finding.Reason switch
        {
            "Forbidden" => 403,
            "Unauthorized" => 401,
            "RequestEntityTooLarge" => 413,
            _ => 422,
        };
        throw new StatusException(code, finding.Reason, Statuses.Forbidden(new GroupResource(info.ApiGroup, info.Resource), name, message).Message, [new("", message, "")])
        {
            Details = (info.ApiGroup, info.Resource, name, ""),
        };
    }

    private JsonObject? NamespaceObject(AdmissionRequest request) =>
        request.Request.Namespace.Length > 0 ? objects.Get("", "namespaces", "", request.Request.Namespace) : null;

    private Snapshot Current()
    {
        lock (_gate)
        {
            var changes = (objects.LastChange(Group, Policies), objects.LastChange(Group, Bindings));
            if (_snapshot is not { } snapshot || snapshot.Changes != changes)
            {
                var bindings = objects.List(Group, Bindings).Select(binding => new PolicyBinding(binding)).ToLookup(binding => binding.PolicyName);
                _snapshot = snapshot = new Snapshot(
                    changes,
                    [.. objects.List(Group, Policies).Select(policy => (AdmissionPolicy.Compile(policy, new FieldErrors()), bindings[policy.Name()].ToArray()))]);
            }

            return snapshot;
        }
    }

    private sealed record Snapshot((long Policies, long Bindings) Changes, IReadOnlyList<(AdmissionPolicy Policy, PolicyBinding[] Bindings)> Policies);
}

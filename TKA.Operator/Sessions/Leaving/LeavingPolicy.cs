using k8s.Models;
using TKA.Contracts.Sessions;
using TKA.Operator.Options;

namespace TKA.Operator.Sessions.Leaving;

/// <summary>
/// The admission policy that keeps the operator and its rights until the last session has ended. Without it, deleting everything at once
/// takes the rights first: nothing could be revoked any more, bindings of sessions would stay, and their namespace would never go.
/// </summary>
internal static class LeavingPolicy
{
    /// <summary>The policy: judged once for each TkaSignin, and without one not at all.</summary>
    /// <param name="names">Its name, and that of the operator's rights.</param>
    /// <param name="options">The namespaces.</param>
    /// <param name="owner">With whom it is removed.</param>
    public static V1ValidatingAdmissionPolicy Policy(LeavingNames names, OperatorOptions options, V1OwnerReference? owner)
    {
        var system = options.SystemNamespace;

        // What a Pod of the operator takes to start, and its rights. A Namespace is in itself.
        string[] guarded = [.. new[] { "tka-operator", "tka-operator-tls", "tka-operator-ca", "tka-operator-outbox", names.Rights, system }.Distinct()];
        return new V1ValidatingAdmissionPolicy
        {
            Metadata = Metadata(names, owner),
            Spec = new V1ValidatingAdmissionPolicySpec
            {
                // Without the kind there is no session.
                FailurePolicy = "Ignore",
                ParamKind = new V1ParamKind { ApiVersion = TkaSigninResource.ApiVersion, Kind = TkaSigninResource.Kind },
                MatchConstraints = new V1MatchResources
                {
                    // Names belong here and not in a condition: conditions are judged once for each TkaSignin too, which made the API server
                    // work 100 ms for the end of one session among 2,500.
                    ResourceRules =
                    [
                        Deletion(guarded, "", "namespaces", "serviceaccounts", "secrets", "configmaps"),
                        Deletion(guarded, "apps", "deployments"),
                        Deletion(guarded, "rbac.authorization.k8s.io", "clusterrolebindings", "clusterroles", "rolebindings", "roles"),
                    ],
                },
                MatchConditions =
                [
                    new V1MatchCondition
                    {
                        Name = "of-the-operator",
                        Expression = $"!has(request.namespace) || request.namespace == '{system}'",
                    },
                ],
                Validations =
                [
                    new V1Validation
                    {
                        Expression = "false",
                        Message = $"TKA has sessions, which only its operator can end. If {options.Namespace} or its TkaSignins are being deleted, it ends them now: "
                            + "run the same command again until it succeeds (after `kubectl delete -k` the rest goes by itself, too). "
                            + $"Delete them otherwise, or, if there is no operator, ValidatingAdmissionPolicyBinding {names.Policy}",
                        Reason = "Forbidden",
                    },
                ],
            },
        };
    }

    /// <summary>Its binding.</summary>
    public static V1ValidatingAdmissionPolicyBinding Binding(LeavingNames names, OperatorOptions options, V1OwnerReference? owner) => new()
    {
        Metadata = Metadata(names, owner),
        Spec = new V1ValidatingAdmissionPolicyBindingSpec
        {
            PolicyName = names.Policy,
            ValidationActions = ["Deny"],
            ParamRef = new V1ParamRef { NamespaceProperty = options.Namespace, Selector = new V1LabelSelector(), ParameterNotFoundAction = "Allow" },
        },
    };

    private static V1ObjectMeta Metadata(LeavingNames names, V1OwnerReference? owner) => new()
    {
        Name = names.Policy,
        Labels = new Dictionary<string, string> { ["app.kubernetes.io/part-of"] = "tka" },
        OwnerReferences = owner is null ? null : [owner],
    };

    private static V1NamedRuleWithOperations Deletion(string[] names, string group, params string[] resources) =>
        new() { ApiGroups = [group], ApiVersions = ["*"], Operations = ["DELETE"], Resources = resources, ResourceNames = names };
}

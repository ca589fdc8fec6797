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
                    ResourceRules =
                    [
                        Deletion("", "namespaces", "serviceaccounts", "secrets", "configmaps"),
                        Deletion("apps", "deployments"),
                        Deletion("rbac.authorization.k8s.io", "clusterrolebindings", "clusterroles", "rolebindings", "roles"),
                    ],
                },
                MatchConditions =
                [
                    // What a Pod of the operator takes to start, and its rights. A Namespace is in itself.
                    new V1MatchCondition
                    {
                        Name = "of-the-operator",
                        Expression = $"request.name in ['tka-operator', 'tka-operator-tls', 'tka-operator-ca', 'tka-operator-outbox', '{names.Rights}', '{system}'] && (!has(request.namespace) || request.namespace == '{system}')",
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

    private static V1NamedRuleWithOperations Deletion(string group, params string[] resources) =>
        new() { ApiGroups = [group], ApiVersions = ["*"], Operations = ["DELETE"], Resources = resources };
}

using Xunit;
using static TKA.Tests.Deploy.Manifests;

namespace TKA.Tests.Deploy;

/// <summary>Every right of TKA's ServiceAccounts, written out: none is added, and none is lost, without this list saying why it is needed.</summary>
public sealed class RightsTableTests
{
    // Role (namespace), verbs, resource.group, names: the request that needs it.
    internal static readonly string[] Rights =
    [
        // Sessions are asked for, followed by a watch, renewed and ended.
        "tka-api (tka-sessions) create,delete,get,list,update,watch tkasignins.tka.specht-labs.de",

        // Bindings of sessions, and the sweep for foreign ones.
        "tka-operator () create,delete,get,list,watch clusterrolebindings.rbac.authorization.k8s.io",
        "tka-operator () create,delete,get,list,watch rolebindings.rbac.authorization.k8s.io",
        "tka-operator () bind clusterroles.rbac.authorization.k8s.io tka-admin,tka-edit,view",
        // Whether a role exists, also while sessions hold it.
        "tka-operator () list,watch clusterroles.rbac.authorization.k8s.io",
        // Whether a namespace of a grant, or the sessions' own, is going away.
        "tka-operator () get namespaces.",
        "tka-operator () create tokenreviews.authentication.k8s.io",
        // Cluster-wide, because rights that live in the sessions' namespace go before the sessions when it is deleted.
        "tka-operator () delete,get,list,patch,watch tkasignins.tka.specht-labs.de",
        "tka-operator () patch tkasignins/status.tka.specht-labs.de",

        // Whether the leaving policy is there, and where it is not, a token to create it with.
        "tka-operator () get validatingadmissionpolicybindings.admissionregistration.k8s.io tka-leaving",
        "tka-operator (tka-system) create serviceaccounts/token. tka-guard",
        "tka-guard () create validatingadmissionpolicies.admissionregistration.k8s.io",
        "tka-guard () create validatingadmissionpolicybindings.admissionregistration.k8s.io",
        // Demanded of whoever creates a policy with this kind of parameter.
        "tka-guard () get,list tkasignins.tka.specht-labs.de",
        // So that what a refused `kubectl delete -k` leaves goes by itself: the owners, and what they own.
        "tka-guard () get customresourcedefinitions.apiextensions.k8s.io tkasignins.tka.specht-labs.de",
        "tka-guard () get validatingadmissionpolicies.admissionregistration.k8s.io tka-bindings",
        "tka-guard () patch clusterrolebindings.rbac.authorization.k8s.io tka-operator",
        "tka-guard () patch clusterroles.rbac.authorization.k8s.io tka-operator",
        "tka-guard () patch namespaces. tka-system",

        "tka-operator (tka-sessions) create,delete,get,list,patch,watch serviceaccounts.",
        "tka-operator (tka-sessions) create serviceaccounts/token.",
        "tka-operator (tka-sessions) create,patch events.",

        "tka-operator (tka-system) create leases.coordination.k8s.io",
        "tka-operator (tka-system) get,update leases.coordination.k8s.io tka-operator",
        "tka-operator (tka-system) get,update secrets. tka-operator-tls",
        "tka-operator (tka-system) get,update configmaps. tka-operator-ca,tka-operator-outbox",
    ];

    [Fact]
    public async Task Rights_are_those_of_the_list()
    {
        var rights =
            from role in Parse(await Rendering.ChartAsync("standard"))
            where Text(role, "kind") is "Role" or "ClusterRole" && Text(role, "metadata", "name") is "tka-api" or "tka-operator" or "tka-auditor" or "tka-orchestrator" or "tka-guard"
            from rule in Nodes(role, "rules")
            from @group in Items(rule, "apiGroups")
            from resource in Items(rule, "resources")
            select $"{Text(role, "metadata", "name")} ({Text(role, "metadata", "namespace")}) {Sorted(Items(rule, "verbs"))} {resource}.{@group} {Sorted(Items(rule, "resourceNames"))}".TrimEnd();
        Assert.Equal(Rights.Order(StringComparer.Ordinal), rights.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_role_is_bound_to_its_own_account_and_to_no_other()
    {
        var bindings = Parse(await Rendering.ChartAsync("standard")).Where(node => Text(node, "kind") is "RoleBinding" or "ClusterRoleBinding").ToArray();
        Assert.Equal(
            ["tka-api tka-sessions", "tka-guard ", "tka-operator ", "tka-operator tka-sessions", "tka-operator tka-system"],
            bindings.Select(binding => $"{Text(binding, "metadata", "name")} {Text(binding, "metadata", "namespace")}").Order(StringComparer.Ordinal));
        Assert.All(bindings, binding =>
        {
            var subject = Assert.Single(Nodes(binding, "subjects"));
            Assert.Equal(
                (Text(binding, "metadata", "name"), Text(binding, "metadata", "name"), "tka-system", "ServiceAccount"),
                (Text(binding, "roleRef", "name"), Text(subject, "name"), Text(subject, "namespace"), Text(subject, "kind")));
        });
    }

    private static string Sorted(IEnumerable<string?> items) => string.Join(',', items.Order(StringComparer.Ordinal));
}

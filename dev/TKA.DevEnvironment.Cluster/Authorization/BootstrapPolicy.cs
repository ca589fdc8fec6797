using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>
/// The roles and bindings that every cluster starts with
/// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings). Those of components that
/// do not exist here (scheduler, nodes, controllers) are left out.
/// </summary>
internal static class BootstrapPolicy
{
    private const string Bootstrapping = "kubernetes.io/bootstrapping";
    private const string AutoUpdate = "rbac.authorization.kubernetes.io/autoupdate";

    /// <summary>ClusterRoles and ClusterRoleBindings to store at start, aggregated roles already filled.</summary>
    public static IReadOnlyList<JsonObject> Objects()
    {
        JsonObject[] roles =
        [
            Role("cluster-admin", [Resources(["*"], ["*"], ["*"]), Urls(["*"], ["*"])]),
            Role("system:basic-user",
            [
                Resources(["create"], ["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]),
                Resources(["create"], ["authentication.k8s.io"], ["selfsubjectreviews"]),
            ]),
            Role("system:discovery",
                [Urls(["get"], ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"])]),
            Role("system:public-info-viewer", [Urls(["get"], ["/healthz", "/livez", "/readyz", "/version", "/version/"])]),
            Role("system:service-account-issuer-discovery", [Urls(["get"], ["/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks", "/openid/v1/jwks/"])]),
            Role("system:monitoring",
                [Urls(["get"], ["/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics", "/metrics/slis", "/readyz", "/readyz/*"])]),
            Role("system:auth-delegator",
            [
                Resources(["create"], ["authentication.k8s.io"], ["tokenreviews"]),
                Resources(["create"], ["authorization.k8s.io"], ["subjectaccessreviews"]),
            ]),
            Role("system:aggregate-to-view", UserFacingRules.View(), labels: ["aggregate-to-view"]),
            Role("system:aggregate-to-edit", UserFacingRules.Edit(), labels: ["aggregate-to-edit"]),
            Role("system:aggregate-to-admin", UserFacingRules.Admin(), labels: ["aggregate-to-admin"]),
            Role("view", [], aggregates: "aggregate-to-view", labels: ["aggregate-to-edit"]),
            Role("edit", [], aggregates: "aggregate-to-edit", labels: ["aggregate-to-admin"]),
            Role("admin", [], aggregates: "aggregate-to-admin"),
        ];

        // In this order each aggregated role is complete before the next one takes its rules.
        foreach (var name in (ReadOnlySpan<string>)["view", "edit", "admin"])
        {
            var role = roles.Single(candidate => candidate.Name() == name);
            if (ClusterRoleAggregation.Outdated(role, roles) is { } rules)
            {
                role["rules"] = rules;
            }
        }

        return
        [
            .. roles,
            Binding("cluster-admin", "system:masters"),
            Binding("system:basic-user", "system:authenticated"),
            Binding("system:discovery", "system:authenticated"),
            Binding("system:public-info-viewer", "system:authenticated", "system:unauthenticated"),
            Binding("system:service-account-issuer-discovery", "system:serviceaccounts"),
            Binding("system:monitoring", "system:monitoring"),
        ];
    }

    /// <summary>A rule on API resources.</summary>
    internal static PolicyRule Resources(IReadOnlyList<string> verbs, IReadOnlyList<string> groups, IReadOnlyList<string> resources) =>
        new(verbs, groups, resources, [], []);

    private static PolicyRule Urls(IReadOnlyList<string> verbs, IReadOnlyList<string> urls) => new(verbs, [], [], [], urls);

    private static JsonObject Role(string name, IReadOnlyList<PolicyRule> rules, string aggregates = "", IReadOnlyList<string>? labels = null)
    {
        var role = new JsonObject
        {
            ["apiVersion"] = $"{RbacPolicy.Group}/v1",
            ["kind"] = "ClusterRole",
            ["metadata"] = Metadata(name, labels ?? []),
            ["rules"] = new JsonArray([.. rules.Select(rule => rule.ToJson())]),
        };
        if (aggregates.Length > 0)
        {
            role["aggregationRule"] = new JsonObject
            {
                ["clusterRoleSelectors"] = new JsonArray(new JsonObject
                {
                    ["matchLabels"] = new JsonObject { [$"rbac.authorization.k8s.io/{aggregates}"] = "true" },
                }),
            };
        }

        return role;
    }

    private static JsonObject Binding(string role, params ReadOnlySpan<string> groups)
    {
        var subjects = new JsonArray();
        foreach (var group in groups)
        {
            subjects.Add(new JsonObject { ["apiGroup"] = RbacPolicy.Group, ["kind"] = "Group", ["name"] = group });
        }

        return new JsonObject
        {
            ["apiVersion"] = $"{RbacPolicy.Group}/v1",
            ["kind"] = "ClusterRoleBinding",
            ["metadata"] = Metadata(role, []),
            ["roleRef"] = new JsonObject { ["apiGroup"] = RbacPolicy.Group, ["kind"] = "ClusterRole", ["name"] = role },
            ["subjects"] = subjects,
        };
    }

    private static JsonObject Metadata(string name, IReadOnlyList<string> labels)
    {
        var map = new JsonObject { [Bootstrapping] = "rbac-defaults" };
        foreach (var label in labels)
        {
            map[$"rbac.authorization.k8s.io/{label}"] = "true";
        }

        return new JsonObject
        {
            ["name"] = name,
            ["labels"] = map,
            ["annotations"] = new JsonObject { [AutoUpdate] = "true" },
        };
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Text;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary>One request that admission must judge.</summary>
/// <param name="As"><c>admin</c>, <c>api</c>, <c>operator</c> or <c>session</c>.</param>
/// <param name="Request">Method and path.</param>
/// <param name="Body">Empty: none.</param>
/// <param name="Refusal">Part of the policy's message; null when the request must be let through.</param>
internal sealed record AdmissionProbe(string As, string Request, string Body, string? Refusal);

/// <summary>
/// Requests as the parts of TKA and as a session, of which each exercises another rule of <c>deploy/base/admission</c>. All of them may
/// do everything by RBAC here, so that only the policies stand in the way; nothing is stored (dry run).
/// </summary>
internal sealed class AdmissionProbes(TestCluster cluster, IReadOnlyDictionary<string, k8s.Kubernetes> clients)
{
    private const string HasSessions = "TKA has sessions";
    private const string Bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
    private const string Subject = """{"kind":"ServiceAccount","name":"tka-user-x-00000000","namespace":"tka-sessions"}""";
    private const string User = """{"kind":"User","name":"mallory","apiGroup":"rbac.authorization.k8s.io"}""";
    private const string Ours = "\"labels\":{\"app.kubernetes.io/managed-by\":\"tka\"},";
    private const string OfHelm = "\"labels\":{\"app.kubernetes.io/managed-by\":\"Helm\"},";
    private const string OtherLabel = "\"labels\":{\"a\":\"b\"},";

    /// <summary>What stands in the cluster before: an object of each kind that a probe changes or deletes.</summary>
    public static IReadOnlyList<(string Path, string Body)> Before { get; } =
    [
        (Bindings, Binding("ours", Ours, "view", Subject)),
        (Bindings, Binding("foreign", "", "view", User)),
        (Bindings, Binding("of-helm", OfHelm, "view", User)),
        (Bindings, Binding("labelled", OtherLabel, "view", User)),
        ("/api/v1/namespaces/team/serviceaccounts", """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"tka-guard"}}"""),
        (RoleBindings("team"), Binding("own", "", "view", """{"kind":"ServiceAccount","name":"default","namespace":"team"}""", "RoleBinding")),
        (ConfigMaps("tka-sessions"), ConfigMap),
        ("/api/v1/namespaces/team/serviceaccounts", """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"robot"}}"""),
        ("/api/v1/namespaces/team/serviceaccounts", """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"tka-operator"}}"""),
        ("/apis/apps/v1/namespaces/tka-system/deployments", Deployment),
        ("/api/v1/namespaces", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"guarded","labels":{"tka.specht-labs.de/protected":"true"}}}"""),
        ("/api/v1/namespaces", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"unguarded","labels":{"tka.specht-labs.de/protected":"false"}}}"""),
    ];

    public static IReadOnlyList<AdmissionProbe> All { get; } =
    [
        new("operator", $"POST {Bindings}", Binding("new", "", "view", Subject), "may create only bindings labelled"),
        new("operator", $"POST {Bindings}", Binding("new", OfHelm, "view", Subject), "may create only bindings labelled"),
        new("operator", $"POST {Bindings}", Binding("new", OtherLabel, "view", Subject), "may create only bindings labelled"),
        new("operator", $"PATCH {Bindings}/ours", """{"metadata":{"labels":null}}""", "may create only bindings labelled"),
        new("operator", $"POST {Bindings}", Binding("new", Ours, "view", Subject), null),
        new("operator", $"POST {Bindings}", Unbound(Binding("new", Ours, "view", "")), "exactly one subject"),
        new("operator", $"POST {RoleBindings("team")}", Binding("new", Ours, "view", Subject, "RoleBinding").Replace("\"ClusterRole\"", "\"Role\"", StringComparison.Ordinal), "only the ClusterRoles on its list"),
        new("operator", $"POST {Bindings}", Binding("new", Ours, "view", Subject + "," + Subject), "exactly one subject"),
        new("operator", $"POST {Bindings}", Binding("new", Ours, "view", User.Replace("}", ",\"namespace\":\"tka-sessions\"}", StringComparison.Ordinal)), "exactly one subject"),
        new("operator", $"POST {Bindings}", Binding("new", Ours, "view", Subject.Replace("tka-sessions", "team", StringComparison.Ordinal)), "exactly one subject"),
        new("operator", $"POST {Bindings}", Binding("new", Ours, "view", ""), "exactly one subject"),
        new("operator", $"POST {RoleBindings("team")}", Binding("new", Ours, "edit", Subject, "RoleBinding"), "only the ClusterRoles on its list"),
        new("operator", $"POST {Bindings}", Binding("new", Ours, "tka-edit", Subject), "only in namespaces"),
        new("operator", $"POST {RoleBindings("kube-system")}", Binding("new", Ours, "view", Subject, "RoleBinding"), "nothing in a protected namespace"),
        new("operator", $"POST {RoleBindings("tka-system")}", Binding("new", Ours, "view", Subject, "RoleBinding"), "nothing in a protected namespace"),
        new("operator", $"POST {RoleBindings("tka-sessions")}", Binding("new", Ours, "view", Subject, "RoleBinding"), "nothing in a protected namespace"),
        new("operator", $"POST {RoleBindings("guarded")}", Binding("new", Ours, "view", Subject, "RoleBinding"), "nothing in a protected namespace"),
        new("operator", $"POST {RoleBindings("unguarded")}", Binding("new", Ours, "view", Subject, "RoleBinding"), null),
        new("operator", $"DELETE {Bindings}/foreign", "", "may delete only bindings labelled"),
        new("operator", $"DELETE {Bindings}/of-helm", "", "may delete only bindings labelled"),
        new("operator", $"DELETE {Bindings}/labelled", "", "may delete only bindings labelled"),
        new("operator", $"POST {RoleBindings("team")}", Binding("new", Ours, "tka-edit", Subject, "RoleBinding"), null),
        new("operator", $"DELETE {Bindings}/ours", "", null),
        new("admin", $"POST {Bindings}", Binding("new", "", "cluster-admin", User), null),

        new("session", $"POST {ConfigMaps("tka-system")}", ConfigMap, "anything in TKA's own namespaces"),
        new("session", $"PATCH {ConfigMaps("tka-sessions")}/mine", """{"data":{"a":"b"}}""", "anything in TKA's own namespaces"),
        new("session", $"DELETE {ConfigMaps("tka-sessions")}/mine", "", "anything in TKA's own namespaces"),
        new("session", $"POST {ConfigMaps("team")}", ConfigMap, null),
        new("session", "POST /apis/rbac.authorization.k8s.io/v1/clusterroles", """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"new"}}""", null),
        new("session", $"POST {RoleBindings("team")}", Unbound(Binding("new", "", "view", "", "RoleBinding")), null),
        new("admin", $"POST {ConfigMaps("tka-system")}", ConfigMap, null),

        new("session", $"POST {Bindings}", Binding("new", "", "view", Subject), "may not change a ClusterRoleBinding"),
        new("session", $"PATCH {Bindings}/foreign", """{"metadata":{"labels":{"a":"b"}}}""", "may not change a ClusterRoleBinding"),
        new("session", $"DELETE {Bindings}/foreign", "", "may not change a ClusterRoleBinding"),
        new("session", $"POST {RoleBindings("team")}", Binding("new", "", "view", User, "RoleBinding"), "only to ServiceAccounts of the binding's own namespace"),
        new("session", $"PATCH {RoleBindings("team")}/own", $$"""{"subjects":[{{User}}]}""", "only to ServiceAccounts of the binding's own namespace"),
        new("session", $"POST {RoleBindings("team")}", Binding("new", "", "view", """{"kind":"ServiceAccount","name":"default","namespace":"team"}""", "RoleBinding"), null),
        new("session", $"POST {RoleBindings("team")}", Binding("new", "", "view", """{"kind":"ServiceAccount","name":"default","namespace":"kube-system"}""", "RoleBinding"), "only to ServiceAccounts of the binding's own namespace"),
        new("session", $"DELETE {RoleBindings("team")}/own", "", null),
        new("session", "POST /api/v1/namespaces/team/secrets", TokenSecret, "token Secret"),
        new("session", "POST /api/v1/namespaces/team/serviceaccounts/robot/token", TokenRequest, "may not issue"),
        new("admin", $"POST {RoleBindings("team")}", Binding("new", "", "view", User, "RoleBinding"), null),

        new("admin", $"POST {SigninsIn("tka-sessions")}", Signin("8h"), "only TKA's API may create"),
        new("api", $"POST {SigninsIn("tka-sessions")}", Signin("168h"), "24h at most"),
        new("api", $"PATCH {SigninsIn("tka-sessions")}/standing", """{"spec":{"validity_period":"25h"}}""", "24h at most"),
        new("operator", $"PATCH {SigninsIn("tka-sessions")}/standing", """{"spec":{"role":"admin"}}""", "may change the spec"),
        new("operator", $"PATCH {SigninsIn("tka-sessions")}/standing", """{"metadata":{"annotations":{"tka.specht-labs.de/last-attempted-sign-in":"2099-01-01T00:00:00Z"}}}""", "when a person signed in"),
        new("api", $"PATCH {SigninsIn("tka-sessions")}/standing", """{"metadata":{"finalizers":null}}""", "may not remove the finalizer"),
        new("api", $"PATCH {SigninsIn("tka-sessions")}/standing", """{"spec":{"validity_period":"9h"}}""", null),
        new("api", $"PATCH {SigninsIn("tka-sessions")}/unheld", """{"spec":{"validity_period":"9h"}}""", null),
        new("operator", $"PATCH {SigninsIn("tka-sessions")}/standing", """{"metadata":{"finalizers":null}}""", null),
        new("admin", $"POST {SigninsIn("team")}", Signin("8h"), null),

        new("operator", $"POST {GuardToken}", TokenRequest, "only while there is no policy tka-leaving"),
        new("operator", "POST /api/v1/namespaces/tka-sessions/serviceaccounts/tka-user-x-00000000/token", TokenRequest, null),
        new("operator", "POST /api/v1/namespaces/tka-system/serviceaccounts/tka-api/token", TokenRequest, null),
        new("operator", "POST /api/v1/namespaces/team/serviceaccounts/tka-guard/token", TokenRequest, null),
        new("admin", $"POST {GuardToken}", TokenRequest, null),

        new("admin", "DELETE /api/v1/namespaces/tka-system", "", HasSessions),
        new("admin", "DELETE /api/v1/namespaces/tka-system/serviceaccounts/tka-operator", "", HasSessions),
        new("admin", "DELETE /api/v1/namespaces/tka-system/secrets/tka-operator-tls", "", HasSessions),
        new("admin", "DELETE /api/v1/namespaces/tka-system/configmaps/tka-operator-ca", "", HasSessions),
        new("admin", "DELETE /api/v1/namespaces/tka-system/configmaps/tka-operator-outbox", "", HasSessions),
        new("admin", "DELETE /apis/apps/v1/namespaces/tka-system/deployments/tka-operator", "", HasSessions),
        new("admin", "DELETE /apis/rbac.authorization.k8s.io/v1/clusterroles/tka-operator", "", HasSessions),
        new("admin", $"DELETE {Bindings}/tka-operator", "", HasSessions),
        new("admin", "DELETE /apis/rbac.authorization.k8s.io/v1/namespaces/tka-system/roles/tka-operator", "", HasSessions),
        new("admin", $"DELETE {RoleBindings("tka-system")}/tka-operator", "", HasSessions),
        new("admin", "DELETE /api/v1/namespaces/tka-system/serviceaccounts/tka-api", "", null),
        new("admin", "DELETE /api/v1/namespaces/team/serviceaccounts/tka-operator", "", null),
    ];

    /// <summary>The sessions that probes change; made by the API.</summary>
    public static IReadOnlyList<(string Path, string Body)> Sessions { get; } =
    [
        (SigninsIn("tka-sessions"), Signin("8h", "standing")),
        (SigninsIn("tka-sessions"), Signin("8h", "unheld").Replace("\"tka.specht-labs.de/session\"", "", StringComparison.Ordinal)),
    ];

    /// <summary>The first probe whose answer is not the expected one; null when all are.</summary>
    public async Task<string?> FailureAsync()
    {
        foreach (var probe in All)
        {
            var parts = probe.Request.Split(' ');
            var (status, answer) = await SendAsync(probe.As, parts[0], $"{parts[1]}?dryRun=All", probe.Body);
            var asExpected = probe.Refusal is null ? (int)status < 300 : status == HttpStatusCode.Forbidden && answer.Contains(probe.Refusal, StringComparison.Ordinal);
            if (!asExpected)
            {
                return $"{probe.As} {probe.Request}: {(int)status} {answer}";
            }
        }

        return null;
    }

    public async Task<(HttpStatusCode Status, string Answer)> SendAsync(string account, string method, string path, string body)
    {
        var client = clients[account];
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(new Uri(cluster.Configuration.Host), path));
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(method == "PATCH" ? "application/merge-patch+json" : "application/json"));
        }

        if (client.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, TestContext.Current.CancellationToken);
        }

        using var response = await client.HttpClient.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private const string GuardToken = "/api/v1/namespaces/tka-system/serviceaccounts/tka-guard/token";

    private const string TokenRequest = """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}""";

    private const string ConfigMap = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"mine"}}""";

    private const string Deployment =
        """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"tka-operator"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"operator","image":"r.test/tka-operator","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}}}""";

    private static string RoleBindings(string ns) => $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings";

    private static string ConfigMaps(string ns) => $"/api/v1/namespaces/{ns}/configmaps";

    private static string SigninsIn(string ns) => $"/apis/tka.specht-labs.de/v1alpha1/namespaces/{ns}/tkasignins";

    private static string Binding(string name, string labels, string role, string subjects, string kind = "ClusterRoleBinding") =>
        $$"""{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"{{kind}}","metadata":{ {{labels}}"name":"{{name}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{role}}"},"subjects":[{{subjects}}] }""";

    private static string Unbound(string binding) => binding.Replace(",\"subjects\":[]", "", StringComparison.Ordinal);

    private const string TokenSecret =
        """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"new","annotations":{"kubernetes.io/service-account.name":"robot"}},"type":"kubernetes.io/service-account-token"}""";

    private static string Signin(string period, string name = "new") =>
        $$"""{"apiVersion":"tka.specht-labs.de/v1alpha1","kind":"TkaSignin","metadata":{"name":"{{name}}","finalizers":["tka.specht-labs.de/session"]},"spec":{"username":"x@example.com","role":"view","validity_period":"{{period}}"} }""";
}

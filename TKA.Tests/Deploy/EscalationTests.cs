using System.Net;
using System.Net.Http.Headers;
using System.Text;
using k8s.Models;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary>
/// What somebody tries with the token of a part of TKA to become more than that part: each request is refused by RBAC. What RBAC lets
/// through and admission refuses stands in <see cref="AttackTests"/>.
/// </summary>
public sealed class EscalationTests(InstalledCluster installed) : IClassFixture<InstalledCluster>
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";
    private const string Admission = "/apis/admissionregistration.k8s.io/v1";
    private const string InSystem = "/api/v1/namespaces/{system}";
    private const string InSessions = "/api/v1/namespaces/{sessions}";
    private const string Signins = "/apis/tka.specht-labs.de/v1alpha1/namespaces/{sessions}/tkasignins";

    // Method, path, and what it would bring. {system} and {sessions} are TKA's namespaces, {x} the end of its cluster-scoped names.
    private static readonly (string Method, string Path, string Gain)[] OfAnyPart =
    [
        ("POST", InSystem + "/serviceaccounts/tka-operator/token", "the operator's token"),
        ("POST", InSystem + "/serviceaccounts/tka-api/token", "the API's token"),
        ("POST", InSystem + "/serviceaccounts/tka-auditor/token", "the history"),
        ("POST", "/api/v1/namespaces/kube-system/serviceaccounts/default/token", "a token of the cluster's own"),
        ("POST", InSystem + "/secrets", "a token Secret of the operator"),
        ("POST", InSessions + "/secrets", "a token Secret of a session"),
        ("GET", InSystem + "/secrets", "all credentials"),
        ("GET", InSystem + "/secrets/tka-tailscale", "the tailnet's auth key"),
        ("GET", InSystem + "/secrets/tka-statestore", "the database"),
        ("GET", InSystem + "/secrets/tka-dapr-api-token", "the Dapr sidecar"),
        ("GET", "/api/v1/namespaces/kube-system/secrets", "the cluster's credentials"),
        ("GET", "/api/v1/secrets", "every Secret"),

        ("POST", Rbac + "/clusterroles", "a role of its own, collected into tka-edit by the label"),
        ("PATCH", Rbac + "/clusterroles/tka-operator{x}", "more rights for the operator"),
        ("PATCH", Rbac + "/clusterroles/tka-aggregate-to-edit", "more rights for every session"),
        ("PUT", Rbac + "/clusterroles/view", "more rights for every session"),
        ("PATCH", Rbac + "/clusterrolebindings/tka-operator{x}", "the operator's role"),
        ("PUT", Rbac + "/clusterrolebindings/cluster-admin", "cluster-admin"),
        ("PATCH", Rbac + "/namespaces/{system}/rolebindings/tka-operator", "the operator's Secrets"),
        ("PATCH", Rbac + "/namespaces/{system}/roles/tka-operator", "all Secrets of the namespace"),
        ("POST", Rbac + "/namespaces/{system}/roles", "a role there"),
        ("POST", Rbac + "/namespaces/{sessions}/roles", "a role there"),
        ("DELETE", Rbac + "/clusterrolebindings", "nobody has a right any more"),

        ("POST", InSystem + "/pods", "a Pod that runs as the operator"),
        ("POST", InSessions + "/pods", "a Pod that runs as a session"),
        ("POST", "/api/v1/namespaces/kube-system/pods", "a Pod on the control plane"),
        ("PATCH", InSystem + "/pods/tka-operator-0", "another image"),
        ("PATCH", InSystem + "/pods/tka-operator-0/ephemeralcontainers", "a container in the operator's Pod, with its token"),
        ("POST", InSystem + "/pods/tka-operator-0/exec", "a program in it"),
        ("GET", InSystem + "/pods/tka-operator-0/exec", "a program in it"),
        ("POST", InSystem + "/pods/tka-operator-0/attach", "its input"),
        ("POST", InSystem + "/pods/tka-operator-0/portforward", "what listens on its loopback"),
        ("GET", InSystem + "/pods/tka-operator-0/proxy", "what listens in it"),
        ("GET", InSystem + "/services/tka-operator:8443/proxy", "its token service"),
        ("GET", "/api/v1/nodes/n/proxy", "the kubelet"),
        ("PATCH", "/apis/apps/v1/namespaces/{system}/deployments/tka-operator", "another image"),
        ("PATCH", "/apis/apps/v1/namespaces/{system}/statefulsets/tka-api", "another image"),
        ("POST", "/apis/apps/v1/namespaces/{system}/daemonsets", "a Pod on every node"),
        ("POST", "/apis/batch/v1/namespaces/{system}/jobs", "a Pod that runs as the operator"),
        ("POST", "/apis/batch/v1/namespaces/{sessions}/cronjobs", "one that comes back"),

        ("POST", "/apis/certificates.k8s.io/v1/certificatesigningrequests", "a client certificate, as any user"),
        ("PUT", "/apis/certificates.k8s.io/v1/certificatesigningrequests/x/approval", "its approval"),
        ("PUT", "/apis/certificates.k8s.io/v1/certificatesigningrequests/x/status", "its issuing"),
        ("PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager", "the lead of the cluster's controllers"),
        ("DELETE", "/apis/coordination.k8s.io/v1/namespaces/{system}/leases/tka-operator", "no leader"),

        ("PATCH", Admission + "/validatingadmissionpolicies/tka-bindings{x}", "a policy that allows everything"),
        ("DELETE", Admission + "/validatingadmissionpolicies/tka-bindings{x}", "no policy"),
        ("PATCH", Admission + "/validatingadmissionpolicybindings/tka-bindings{x}", "a policy that only warns"),
        ("DELETE", Admission + "/validatingadmissionpolicybindings/tka-bindings{x}", "no policy"),
        ("POST", Admission + "/validatingadmissionpolicies", "a policy that refuses everything"),
        ("PATCH", Admission + "/validatingadmissionpolicies/tka-leaving{x}", "the same"),
        ("POST", Admission + "/validatingadmissionpolicybindings", "the same, by a policy that is there"),
        ("PATCH", Admission + "/validatingadmissionpolicybindings/tka-leaving{x}", "the same"),
        ("DELETE", Admission + "/validatingadmissionpolicybindings/tka-leaving{x}", "a token that may create policies"),
        ("POST", Admission + "/mutatingwebhookconfigurations", "a say in every request, and a look at every Secret"),
        ("POST", Admission + "/validatingwebhookconfigurations", "a look at every Secret"),
        ("POST", "/apis/apiregistration.k8s.io/v1/apiservices", "an API of the cluster"),
        ("PATCH", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/tkasignins.tka.specht-labs.de", "TkaSignins that nothing checks"),
        ("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/tkasignins.tka.specht-labs.de", "no session"),
        ("POST", InSystem + "/configmaps", "settings"),
        ("PATCH", InSystem + "/configmaps/tka-api", "another cluster's address"),
        ("PATCH", "/api/v1/namespaces/{system}", "a namespace without Pod security, or not protected"),
        ("PATCH", "/api/v1/namespaces/{sessions}", "the same"),
        ("DELETE", "/api/v1/namespaces/{system}", "no TKA"),
        ("PATCH", InSessions + "/resourcequotas/no-pods", "Pods among the sessions"),
        ("DELETE", "/apis/networking.k8s.io/v1/namespaces/{system}/networkpolicies/tka-operator", "the token service for everybody"),
        ("PATCH", "/api/v1/nodes/n", "a node that takes its Pods"),
        ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "to know what others may"),
        ("PATCH", InSystem + "/serviceaccounts/tka-operator", "another account"),
        ("DELETE", Signins, "all sessions at once, unseen"),
    ];

    private static readonly (string Method, string Path, string Gain)[] OfTheApi =
    [
        ("PATCH", Signins + "/x/status", "a session that is ready although nothing is bound"),
        ("PUT", Signins + "/x/status", "the same"),
        ("PATCH", Signins + "/x", "a field whose change nothing sees"),
        ("POST", "/apis/tka.specht-labs.de/v1alpha1/namespaces/default/tkasignins", "a TkaSignin beyond the policy"),
        ("GET", "/apis/tka.specht-labs.de/v1alpha1/tkasignins", "sessions of another installation"),
        ("POST", InSystem + "/serviceaccounts/tka-guard/token", "a policy that refuses everything"),
        ("POST", InSessions + "/serviceaccounts", "a person's account"),
        ("POST", InSessions + "/serviceaccounts/tka-user-x-00000000/token", "a person's token, without the operator"),
        ("GET", InSessions + "/serviceaccounts", "who is signed in, and since when"),
        ("POST", InSessions + "/events", "a false trail"),
        ("POST", Rbac + "/clusterrolebindings", "a binding"),
        ("POST", Rbac + "/namespaces/default/rolebindings", "a binding"),
        ("POST", "/apis/authentication.k8s.io/v1/tokenreviews", "to try tokens"),
        ("PUT", "/apis/coordination.k8s.io/v1/namespaces/{system}/leases/tka-operator", "the operator's lead"),
        ("GET", InSystem + "/secrets/tka-operator-tls", "the key of the token service"),
        ("PUT", InSystem + "/configmaps/tka-operator-ca", "a token service of its own"),
        ("PUT", InSystem + "/configmaps/tka-operator-outbox", "a forged history"),
    ];

    private static readonly (string Method, string Path, string Gain)[] OfTheOperator =
    [
        ("POST", Signins, "a session"),
        ("PUT", Signins + "/x", "a longer session"),
        ("PUT", Signins + "/x/status", "more than its conditions"),
        ("PATCH", Rbac + "/clusterrolebindings/x", "a subject that admission has not seen"),
        ("DELETE", Rbac + "/namespaces/default/rolebindings", "all of a namespace at once"),
        ("POST", InSystem + "/serviceaccounts", "an account of the system's"),
        ("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", "a workload's token"),
        ("GET", InSessions + "/secrets", "token Secrets"),
        ("PUT", "/apis/coordination.k8s.io/v1/namespaces/{sessions}/leases/x", "a lease elsewhere"),
        ("PUT", InSystem + "/secrets/tka-tailscale", "the tailnet's node"),
    ];

    private static readonly (string Header, string Value)[] Disguises =
    [
        ("Impersonate-User", "system:serviceaccount:{system}:tka-operator"),
        ("Impersonate-User", "system:serviceaccount:{system}:tka-api"),
        ("Impersonate-User", "system:serviceaccount:kube-system:generic-garbage-collector"),
        ("Impersonate-User", "system:serviceaccount:{sessions}:tka-user-x-00000000"),
        ("Impersonate-User", "system:node:n"),
        ("Impersonate-User", "admin"),
        ("Impersonate-Group", "system:masters"),
        ("Impersonate-Uid", "0"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Accounts => ["tka-api", "tka-operator", "tka-auditor"];

    [Theory, MemberData(nameof(Accounts))]
    public async Task No_way_to_more_rights(string account)
    {
        using var client = TestCluster.Client(await installed.Tka.KubeconfigForAsync(account, Cancel));
        var attempts = OfAnyPart.Concat(account switch { "tka-api" => OfTheApi, "tka-operator" => OfTheOperator, _ => [.. OfTheApi, .. OfTheOperator] });
        Assert.Empty(await NotRefusedAsync(client, attempts.Select(attempt => (attempt.Method, Here(attempt.Path), attempt.Gain, (string[])[]))));
    }

    /// <summary>Constrained impersonation is another set of verbs: what one may do as somebody else. RBAC names none of them here.</summary>
    [Theory, MemberData(nameof(Accounts))]
    public async Task No_way_to_be_somebody_else(string account)
    {
        using var client = TestCluster.Client(await installed.Tka.KubeconfigForAsync(account, Cancel));
        var attempts = Disguises.Select(disguise => ("GET", "/api/v1/namespaces/default/pods", $"to be {disguise.Value}", (string[])
            [.. disguise.Header == "Impersonate-User" ? [] : (string[])["Impersonate-User", "somebody"], disguise.Header, Here(disguise.Value)]));
        Assert.Empty(await NotRefusedAsync(client, attempts));

        foreach (var verb in (string[])["impersonate", "impersonate:user-info", "impersonate:serviceaccount", "impersonate:arbitrary-node", "impersonate:associated-node", "impersonate-on:user-info:get", "impersonate-on:serviceaccount:create"])
        {
            foreach (var (group, resource) in ((string, string)[])[("", "users"), ("", "groups"), ("", "serviceaccounts"), ("authentication.k8s.io", "users"), ("authentication.k8s.io", "serviceaccounts"), ("authentication.k8s.io", "nodes"), ("", "secrets")])
            {
                Assert.False(await installed.IsAllowedAsync(account, new V1ResourceAttributes { Verb = verb, Group = group, Resource = resource }), $"{account} may {verb} {resource}.{group}");
            }
        }
    }

    private async Task<IReadOnlyList<string>> NotRefusedAsync(k8s.Kubernetes client, IEnumerable<(string Method, string Path, string Gain, string[] Headers)> attempts)
    {
        List<string> answers = [];
        foreach (var (method, path, gain, headers) in attempts)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(new Uri(installed.Cluster.Configuration.Host), path));
            if (method is "POST" or "PUT" or "PATCH")
            {
                request.Content = new StringContent("{}", Encoding.UTF8, new MediaTypeHeaderValue(method == "PATCH" ? "application/merge-patch+json" : "application/json"));
            }

            for (var header = 0; header < headers.Length; header += 2)
            {
                request.Headers.Add(headers[header], headers[header + 1]);
            }

            await client.Credentials.ProcessHttpRequestAsync(request, Cancel);
            using var response = await client.HttpClient.SendAsync(request, Cancel);
            if (response.StatusCode != HttpStatusCode.Forbidden)
            {
                answers.Add($"{method} {path} ({gain}): {(int)response.StatusCode}");
            }
        }

        return answers;
    }

    private string Here(string text) => text
        .Replace("{system}", installed.Tka.SystemNamespace, StringComparison.Ordinal)
        .Replace("{sessions}", installed.Tka.SessionsNamespace, StringComparison.Ordinal)
        .Replace("{x}", installed.Tka.Suffix, StringComparison.Ordinal);
}

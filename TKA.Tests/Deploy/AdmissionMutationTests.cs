using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using TKA.Operator.Options;
using TKA.Operator.Sessions.Leaving;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary>Takes each single piece of the admission policies away: a request is then judged otherwise, so no piece can be lost unseen.</summary>
public sealed class AdmissionMutationTests : IAsyncLifetime
{
    private const string Policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly Dictionary<string, k8s.Kubernetes> _clients = [];
    private TestCluster _cluster = null!;
    private AdmissionProbes _probes = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(TestCluster.RealKubeconfig is null, "A real API server takes a while to notice a changed policy.");
        _cluster = await TestCluster.StartAsync(Cancel);
        var tka = await _cluster.InstallTkaAsync(Cancel);
        await _cluster.Admin.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = "team" } }, cancellationToken: Cancel);
        await _cluster.Admin.CreateNamespacedServiceAccountAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = "tka-user-x-00000000" } }, tka.SessionsNamespace, cancellationToken: Cancel);
        foreach (var ns in (string[])[tka.SystemNamespace, tka.SessionsNamespace])
        {
            await _cluster.Admin.CreateClusterRoleBindingAsync(
                new V1ClusterRoleBinding
                {
                    Metadata = new V1ObjectMeta { Name = $"everything-{ns}" },
                    RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "cluster-admin" },
                    Subjects = [new Rbacv1Subject { ApiGroup = "rbac.authorization.k8s.io", Kind = "Group", Name = $"system:serviceaccounts:{ns}" }],
                },
                cancellationToken: Cancel);
        }

        _clients["admin"] = TestCluster.Client(_cluster.AdminKubeconfigPath);
        _clients["api"] = TestCluster.Client(await tka.KubeconfigForAsync("tka-api", Cancel));
        _clients["operator"] = TestCluster.Client(await tka.KubeconfigForAsync("tka-operator", Cancel));
        _clients["session"] = TestCluster.Client(await _cluster.KubeconfigForAsync(tka.SessionsNamespace, "tka-user-x-00000000", Cancel));
        _probes = new AdmissionProbes(_cluster, _clients);
        var options = new OperatorOptions { Namespace = tka.SessionsNamespace, SystemNamespace = tka.SystemNamespace };
        await _cluster.Admin.CreateValidatingAdmissionPolicyAsync(LeavingPolicy.Policy(new LeavingNames(), options, null), cancellationToken: Cancel);
        await _cluster.Admin.CreateValidatingAdmissionPolicyBindingAsync(LeavingPolicy.Binding(new LeavingNames(), options, null), cancellationToken: Cancel);
        foreach (var (path, body) in AdmissionProbes.Before)
        {
            await DoAsync("admin", "POST", path, body);
        }

        foreach (var (path, body) in AdmissionProbes.Sessions)
        {
            await DoAsync("api", "POST", path, body);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task Each_condition_validation_rule_and_operation_of_the_policies_matters()
    {
        Assert.Null(await _probes.FailureAsync());
        var survived = new List<string>();
        var tried = 0;
        foreach (var policy in JsonNode.Parse(await DoAsync("admin", "GET", Policies))!["items"]!.AsArray())
        {
            var name = (string)policy!["metadata"]!["name"]!;
            foreach (var (mutation, mutated) in MutationsOf(policy.AsObject()))
            {
                tried++;
                await DoAsync("admin", "PATCH", $"{Policies}/{name}", mutated);
                if (await _probes.FailureAsync() is null)
                {
                    survived.Add($"{name} without {mutation}");
                }
            }

            await DoAsync("admin", "PATCH", $"{Policies}/{name}", new JsonObject { ["spec"] = policy["spec"]!.DeepClone() }.ToJsonString());
        }

        Assert.Null(await _probes.FailureAsync());
        Assert.InRange(tried, 30, 100);

        // What cannot be asked here: the embedded cluster has no exec, attach or port-forward, and no token Secret that could be changed.
        Assert.Equal(["tka-session-grants without operation UPDATE of rule 2", "tka-sessions without operation CONNECT of rule 0"], survived);
    }

    /// <summary>Merge patches, each of which takes one piece away and puts the rest as it was.</summary>
    private static IEnumerable<(string Name, string Patch)> MutationsOf(JsonObject policy)
    {
        var spec = policy["spec"]!.AsObject();
        foreach (var list in (string[])["matchConditions", "validations"])
        {
            for (var i = 0; i < spec[list]!.AsArray().Count; i++)
            {
                // A policy must have one validation.
                var copy = Copy(spec);
                if (list == "validations" && copy[list]!.AsArray().Count == 1)
                {
                    copy[list]![0]!["expression"] = "true";
                }
                else
                {
                    copy[list]!.AsArray().RemoveAt(i);
                }

                yield return ($"{list}[{i}]", Patch(copy));
            }
        }

        var rules = spec["matchConstraints"]!["resourceRules"]!.AsArray();
        for (var rule = 0; rule < rules.Count; rule++)
        {
            if (rules.Count > 1)
            {
                var copy = Copy(spec);
                copy["matchConstraints"]!["resourceRules"]!.AsArray().RemoveAt(rule);
                yield return ($"rule {rule}", Patch(copy));
            }

            foreach (var (list, word) in new[] { ("operations", "operation"), ("resources", "resource") })
            {
                var items = rules[rule]![list]!.AsArray();
                for (var i = 0; items.Count > 1 && i < items.Count; i++)
                {
                    var copy = Copy(spec);
                    copy["matchConstraints"]!["resourceRules"]![rule]![list]!.AsArray().RemoveAt(i);
                    yield return ($"{word} {(string?)items[i]} of rule {rule}", Patch(copy));
                }
            }
        }
    }

    private static JsonObject Copy(JsonObject spec) => spec.DeepClone().AsObject();

    private static string Patch(JsonObject spec) => new JsonObject { ["spec"] = spec }.ToJsonString();

    private async Task<string> DoAsync(string account, string method, string path, string body = "")
    {
        var (status, answer) = await _probes.SendAsync(account, method, path, body);
        Assert.True((int)status < 300, $"{method} {path}: {(int)status} {answer}");
        return answer;
    }
}

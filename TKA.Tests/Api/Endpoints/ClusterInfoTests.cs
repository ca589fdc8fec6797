using System.Net;
using k8s;
using k8s.Models;
using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary><c>clusterInfo.configMapRef</c>, under the rights that docs/configuration.md gives for it.</summary>
public class ClusterInfoTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Endpoint_and_CA_come_from_the_ConfigMap_that_kubeadm_publishes()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions
        {
            Operator = false,
            ApiSettings = new Dictionary<string, string?>
            {
                ["clusterInfo:apiEndpoint"] = "",
                ["clusterInfo:caData"] = "",
                ["clusterInfo:configMapRef:enabled"] = "true",
                ["clusterInfo:configMapRef:name"] = "cluster-info",
                ["clusterInfo:configMapRef:namespace"] = "default",
            },
        });
        var alice = stack.From("127.0.0.1");

        Assert.Equal("misconfigured", (await alice.GetAsync(ApiRoutes.ClusterInfo, wait: null)).Expect(503).Kind);

        var cluster = stack.Cluster.Admin;
        stack.Cluster.DeleteAtEnd(() => cluster.CoreV1.DeleteNamespacedConfigMapAsync("cluster-info", "default"));
        stack.Cluster.DeleteAtEnd(() => cluster.RbacAuthorizationV1.DeleteNamespacedRoleAsync("tka-api-cluster-info", "default"));
        stack.Cluster.DeleteAtEnd(() => cluster.RbacAuthorizationV1.DeleteNamespacedRoleBindingAsync("tka-api-cluster-info", "default"));
        await cluster.CoreV1.CreateNamespacedConfigMapAsync(
            new V1ConfigMap
            {
                Metadata = new V1ObjectMeta { Name = "cluster-info" },
                Data = new Dictionary<string, string> { ["kubeconfig"] = "clusters: [{cluster: {server: 'https://10.0.0.1:6443', certificate-authority-data: TFMw}, name: ''}]" },
            },
            "default",
            cancellationToken: Cancel);
        await cluster.RbacAuthorizationV1.CreateNamespacedRoleAsync(
            new V1Role
            {
                Metadata = new V1ObjectMeta { Name = "tka-api-cluster-info" },
                Rules = [new V1PolicyRule { ApiGroups = [""], Resources = ["configmaps"], ResourceNames = ["cluster-info"], Verbs = ["get"] }],
            },
            "default",
            cancellationToken: Cancel);
        await cluster.RbacAuthorizationV1.CreateNamespacedRoleBindingAsync(
            new V1RoleBinding
            {
                Metadata = new V1ObjectMeta { Name = "tka-api-cluster-info" },
                RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = "tka-api-cluster-info" },
                Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = "tka-api", NamespaceProperty = stack.Installed.SystemNamespace }],
            },
            "default",
            cancellationToken: Cancel);

        // A real cluster grants what a new binding says after a moment.
        await Eventually.TrueAsync(async () => (await alice.GetAsync(ApiRoutes.ClusterInfo, wait: null)).Status != HttpStatusCode.ServiceUnavailable, "the ConfigMap may be read");
        var info = (await alice.GetAsync(ApiRoutes.ClusterInfo, wait: null)).Expect(200).Read(ContractsJsonContext.Default.ClusterInfo);

        Assert.Equal(("https://10.0.0.1:6443", "TFMw", "test"), (info.ServerUrl, info.CaData, info.Labels["environment"]));
    }
}

using System.Security.Cryptography;
using System.Text;
using k8s;
using k8s.Models;

namespace TKA.Tests.Infrastructure;

/// <summary>
/// An administrator of a real cluster who carries a bearer token, whatever the given kubeconfig authenticates with: a client
/// certificate or an exec plugin would not get through the proxies that tests put before the cluster.
/// </summary>
internal sealed class RealClusterAdministrator
{
    private const string Namespace = "default";

    private readonly string _given;
    private readonly string _name = $"tka-test-admin-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    private RealClusterAdministrator(string given) => _given = given;

    /// <summary>Kubeconfig, as YAML.</summary>
    public string Kubeconfig { get; private set; } = "";

    public static async Task<RealClusterAdministrator> CreateAsync(string kubeconfig, CancellationToken cancellationToken)
    {
        var administrator = new RealClusterAdministrator(kubeconfig);
        await administrator.CreateAsync(cancellationToken);
        return administrator;
    }

    /// <summary>Takes the rights away again.</summary>
    public async Task DeleteAsync()
    {
        using var client = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(_given));
        await client.DeleteClusterRoleBindingAsync(_name);
        await client.DeleteNamespacedServiceAccountAsync(_name, Namespace);
    }

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(_given);
        using var client = new k8s.Kubernetes(configuration);
        await client.CreateNamespacedServiceAccountAsync(
            new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = _name } }, Namespace, cancellationToken: cancellationToken);
        await client.CreateClusterRoleBindingAsync(
            new V1ClusterRoleBinding
            {
                Metadata = new V1ObjectMeta { Name = _name },
                RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "cluster-admin" },
                Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = _name, NamespaceProperty = Namespace }],
            },
            cancellationToken: cancellationToken);
        var token = await client.CoreV1.CreateNamespacedServiceAccountTokenAsync(
            new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = [], ExpirationSeconds = 24 * 3600 } },
            _name,
            Namespace,
            cancellationToken: cancellationToken);
        var authority = configuration.SslCaCerts is { Count: > 0 } certificates
            ? "certificate-authority-data: " + Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Join('\n', certificates.Select(c => c.ExportCertificatePem()))))
            : "insecure-skip-tls-verify: true";
        Kubeconfig = $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: test
              cluster:
                server: {configuration.Host}
                {authority}
            users:
            - name: admin
              user:
                token: {token.Status.Token}
            contexts:
            - name: test
              context:
                cluster: test
                user: admin
            current-context: test
            """;
        await Eventually.TrueAsync(
            async () => (await client.CreateSubjectAccessReviewAsync(
                new V1SubjectAccessReview
                {
                    Spec = new V1SubjectAccessReviewSpec
                    {
                        User = $"system:serviceaccount:{Namespace}:{_name}",
                        ResourceAttributes = new V1ResourceAttributes { Verb = "*", Group = "*", Resource = "*" },
                    },
                },
                cancellationToken: cancellationToken)).Status.Allowed,
            "the test's administrator has their rights");
    }
}

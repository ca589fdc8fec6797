using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using k8s;
using k8s.Models;
using TKA.DevEnvironment.Cluster;

namespace TKA.Tests.Infrastructure;

/// <summary>
/// The cluster a test talks to: an embedded one of its own, or the real one that <c>TKA_TEST_KUBECONFIG</c> names (with administrator's
/// credentials). Tests use namespaces of their own and leave nothing behind.
/// </summary>
public sealed class TestCluster : IAsyncDisposable
{
    private static readonly Lazy<Task> DefinitionsApplied = new(ApplyDefinitionsAsync);

    private readonly EmbeddedCluster? _embedded;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tka-test-cluster-");
    private readonly List<Func<Task>> _cleanup = [];

    private TestCluster(EmbeddedCluster? embedded, string kubeconfig)
    {
        _embedded = embedded;
        AdminKubeconfigPath = Path.Combine(_directory.FullName, "admin.kubeconfig");
        File.WriteAllText(AdminKubeconfigPath, kubeconfig);
        Configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(AdminKubeconfigPath);
        Admin = new k8s.Kubernetes(Configuration);
    }

    /// <summary>Whether a real cluster is used.</summary>
    public static string? RealKubeconfig => Environment.GetEnvironmentVariable("TKA_TEST_KUBECONFIG") is { Length: > 0 } path ? path : null;

    /// <summary>A client with every right.</summary>
    public k8s.Kubernetes Admin { get; }

    /// <summary>Client configuration of the administrator.</summary>
    public KubernetesClientConfiguration Configuration { get; }

    /// <summary>A kubeconfig file with every right.</summary>
    public string AdminKubeconfigPath { get; }

    /// <summary>Whether the cluster is the embedded one.</summary>
    public bool IsEmbedded => _embedded is not null;

    /// <summary>The embedded cluster, for what only it can do; throws on a real one.</summary>
    public EmbeddedCluster Embedded => _embedded ?? throw new InvalidOperationException("not an embedded cluster");

    /// <summary>Starts or connects.</summary>
    public static Task<TestCluster> StartAsync(CancellationToken cancellationToken) => StartAsync(new EmbeddedClusterOptions(), cancellationToken);

    /// <summary>Starts with options (which a real cluster ignores), or connects.</summary>
    public static async Task<TestCluster> StartAsync(EmbeddedClusterOptions options, CancellationToken cancellationToken)
    {
        if (RealKubeconfig is { } path)
        {
            var administrator = await RealClusterAdministrator.CreateAsync(path, cancellationToken);
            var real = new TestCluster(null, administrator.Kubeconfig);
            real.DeleteAtEnd(administrator.DeleteAsync);
            return real;
        }

        var embedded = await EmbeddedCluster.StartAsync(options, cancellationToken);
        return new TestCluster(embedded, embedded.AdminKubeconfig);
    }

    /// <summary>Creates a namespace of the test's own; it is deleted with the cluster handle.</summary>
    public async Task<string> CreateNamespaceAsync(string prefix, CancellationToken cancellationToken)
    {
        var name = $"{prefix}-{Suffix()}";
        await Admin.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name } }, cancellationToken: cancellationToken);
        DeleteAtEnd(() => Admin.DeleteNamespaceAsync(name));
        return name;
    }

    /// <summary>
    /// Applies <c>deploy/</c> (namespaces, CRD, RBAC, admission). On a real cluster namespaces and cluster-scoped names get a suffix, so
    /// that runs do not collide.
    /// </summary>
    public async Task<InstalledTka> InstallTkaAsync(CancellationToken cancellationToken = default)
    {
        var suffix = IsEmbedded ? "" : $"-{Suffix()}";
        var installed = new InstalledTka(this, $"tka-system{suffix}", $"tka-sessions{suffix}");
        if (_embedded is not null)
        {
            foreach (var (_, yaml) in DeployFiles.Read(suffix))
            {
                await _embedded.ApplyAsync(yaml, cancellationToken);
            }

            return installed;
        }

        await DefinitionsApplied.Value;
        foreach (var (name, yaml) in DeployFiles.Read(suffix).Where(file => !DeployFiles.IsDefinition(file.Name)))
        {
            var path = Path.Combine(_directory.FullName, $"{_cleanup.Count}-{name}");
            await File.WriteAllTextAsync(path, yaml, cancellationToken);
            await KubectlAsync($"apply -f {path}", cancellationToken);
            DeleteAtEnd(() => DeleteAsync(path));
        }

        DeleteAtEnd(() => RealClusterInstallation.ReleaseSessionsAsync(installed));
        await RealClusterInstallation.InEffectAsync(installed, cancellationToken);
        return installed;
    }

    /// <summary>A kubeconfig for a ServiceAccount, with a token that lasts an hour.</summary>
    public async Task<string> KubeconfigForAsync(string @namespace, string serviceAccount, CancellationToken cancellationToken = default)
    {
        var token = await Admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(
            new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = [], ExpirationSeconds = 24 * 3600 } },
            serviceAccount,
            @namespace,
            cancellationToken: cancellationToken);
        return WriteKubeconfig(serviceAccount, token.Status.Token);
    }

    /// <summary>Writes a kubeconfig file for a bearer token; returns its path.</summary>
    public string WriteKubeconfig(string user, string token)
    {
        var ca = Configuration.SslCaCerts is { Count: > 0 } certificates
            ? "certificate-authority-data: " + Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Join('\n', certificates.Select(c => c.ExportCertificatePem()))))
            : "insecure-skip-tls-verify: true";
        var path = Path.Combine(_directory.FullName, $"{user}-{Suffix()}.kubeconfig");
        File.WriteAllText(path, $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: test
              cluster:
                server: {Configuration.Host}
                {ca}
            users:
            - name: {user}
              user:
                token: {token}
            contexts:
            - name: test
              context:
                cluster: test
                user: {user}
            current-context: test
            """);
        return path;
    }

    /// <summary>A client for a kubeconfig file.</summary>
    public static k8s.Kubernetes Client(string kubeconfigPath) =>
        new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfigPath));

    /// <summary>Registers something to undo when the test is over.</summary>
    public void DeleteAtEnd(Func<Task> cleanup) => _cleanup.Add(cleanup);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_embedded is null)
        {
            _cleanup.Reverse();
            foreach (var cleanup in _cleanup)
            {
                try
                {
                    await cleanup();
                }
                catch (k8s.Autorest.HttpOperationException)
                {
                    // Gone already, or never made.
                }
            }
        }

        Admin.Dispose();
        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }

    private static string Suffix() => RandomNumberGenerator.GetHexString(6, lowercase: true).ToString(CultureInfo.InvariantCulture);

    /// <summary>Once a run: definitions are the cluster's, and while one changes requests for its objects fail.</summary>
    private static async Task ApplyDefinitionsAsync()
    {
        foreach (var (name, yaml) in DeployFiles.Read().Where(file => DeployFiles.IsDefinition(file.Name)))
        {
            var path = Path.Combine(Path.GetTempPath(), $"tka-{Environment.ProcessId}-{name}");
            await File.WriteAllTextAsync(path, yaml);
            await KubectlAsync(RealKubeconfig!, $"apply --server-side --force-conflicts -f {path}", CancellationToken.None);
            if (yaml.Contains("kind: CustomResourceDefinition", StringComparison.Ordinal))
            {
                await KubectlAsync(RealKubeconfig!, $"wait --for=condition=Established --timeout=30s -f {path}", CancellationToken.None);
            }

            File.Delete(path);
        }
    }

    /// <summary>Again while the API server still goes by an admission policy that has just been deleted: <c>tka-leaving</c> keeps the operator's rights.</summary>
    private async Task DeleteAsync(string path)
    {
        var said = "";
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await KubectlAsync($"delete --ignore-not-found --wait=false -f {path}", CancellationToken.None);
                    return true;
                }
                catch (InvalidOperationException exception)
                {
                    said = exception.Message;
                    return false;
                }
            },
            $"{path} is deleted",
            seen: () => said);
    }

    private Task KubectlAsync(string arguments, CancellationToken cancellationToken) => KubectlAsync(AdminKubeconfigPath, arguments, cancellationToken);

    private static async Task KubectlAsync(string kubeconfig, string arguments, CancellationToken cancellationToken)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("kubectl", $"--kubeconfig {kubeconfig} {arguments}")
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = await process.StandardError.ReadToEndAsync(cancellationToken);
        await output;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"kubectl {arguments}: {error}");
        }
    }
}

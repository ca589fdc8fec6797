using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Autorest;
using k8s.Models;
using TKA.Benchmarks.Cluster;
using TKA.Contracts.Sessions;

namespace TKA.Benchmarks.Api;

/// <summary>
/// A cluster with deploy/ installed: an embedded one in another process, of which the floor and TKA each get their own, or a real
/// one (its kubeconfig is an administrator's; the benchmark leaves TKA's namespaces and rights behind there).
/// </summary>
internal sealed class InstalledCluster : IDisposable
{
    private const string FloorVariable = "TKA_FLOOR_KUBECONFIG";

    private static readonly string[] Folders = ["base/rbac", "base/admission"];

    private readonly ClusterProcess? _embedded;

    private InstalledCluster(ClusterProcess? embedded, string kubeconfig)
    {
        _embedded = embedded;
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
        Admin = new k8s.Kubernetes(configuration);
        Uri = new Uri(configuration.Host);
        CaPem = string.Join('\n', (configuration.SslCaCerts ?? []).Select(certificate => certificate.ExportCertificatePem()));
    }

    /// <summary>Kubeconfig of the real cluster for TKA; <see langword="null"/>: embedded ones are used.</summary>
    public static string? RealKubeconfig => Variable("TKA_TEST_KUBECONFIG");

    /// <summary>Kubeconfig of the real cluster for the floor: the same, unless there is <see cref="HasTwo">another like it</see>.</summary>
    public static string? FloorKubeconfig => HasTwo ? Variable(FloorVariable) : RealKubeconfig;

    /// <summary>Whether floor and TKA have a real cluster each.</summary>
    public static bool HasTwo => RealKubeconfig is not null && Variable(FloorVariable) is not null;

    public Uri Uri { get; }

    public string CaPem { get; }

    /// <summary>A client with every right.</summary>
    public k8s.Kubernetes Admin { get; }

    /// <summary>Installs deploy/ on the real cluster of a kubeconfig, or starts an embedded one when there is none.</summary>
    public static async Task<InstalledCluster> StartAsync(string? kubeconfig)
    {
        if (kubeconfig is not { } path)
        {
            var embedded = await ClusterProcess.StartAsync();
            return new InstalledCluster(embedded, embedded.AdminKubeconfig);
        }

        var deploy = Path.Combine(RepositoryRoot(), "deploy");
        string[] files =
        [
            Path.Combine(deploy, "base", "namespaces.yaml"),
            Path.Combine(deploy, "crd", "tkasignins.yaml"),
            .. Folders.SelectMany(folder => Directory.GetFiles(Path.Combine(deploy, folder), "*.yaml").Order(StringComparer.Ordinal)),
        ];
        await KubectlAsync(path, ["apply", .. files.SelectMany(file => new[] { "-f", file })]);
        var installed = new InstalledCluster(null, path);
        await installed.ServedAsync();
        return installed;
    }

    /// <summary>A token of one of TKA's ServiceAccounts.</summary>
    public async Task<string> TokenAsync(string serviceAccount, string[] audiences)
    {
        var request = new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = audiences, ExpirationSeconds = 24 * 3600 } };
        return (await Admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, serviceAccount, "tka-system")).Status.Token;
    }

    /// <summary>A kubeconfig of one of TKA's ServiceAccounts.</summary>
    /// <param name="serviceAccount">Its name.</param>
    /// <param name="server">Address of the cluster, or of something that leads there.</param>
    public async Task<string> KubeconfigAsync(string serviceAccount, Uri server) => $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: bench
          cluster:
            server: {server}
            certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(CaPem))}
        users:
        - name: bench
          user:
            token: {await TokenAsync(serviceAccount, [])}
        contexts:
        - name: bench
          context:
            cluster: bench
            user: bench
        current-context: bench
        """;

    /// <summary>A client with a person's token.</summary>
    public IKubernetes ClientWith(string token) => new k8s.Kubernetes(new KubernetesClientConfiguration
    {
        Host = Uri.ToString(),
        SslCaCerts = Certificates(CaPem),
        AccessToken = token,
    });

    public void Dispose()
    {
        Admin.Dispose();
        _embedded?.Dispose();
    }

    /// <summary>Waits until TkaSignins are served: a new API server answers 429 while it begins to store a new resource.</summary>
    private async Task ServedAsync()
    {
        while (true)
        {
            try
            {
                await Admin.CustomObjects.ListNamespacedCustomObjectAsync(
                    TkaSigninResource.Group, TkaSigninResource.Version, TkaSigninResource.DefaultSessionsNamespace, TkaSigninResource.Plural, limit: 1);
                return;
            }
            catch (HttpOperationException exception) when (exception.Response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.NotFound)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private static X509Certificate2Collection Certificates(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return certificates;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } path ? path : null;

    private static async Task KubectlAsync(string kubeconfig, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("kubectl", ["--kubeconfig", kubeconfig, .. arguments]) { RedirectStandardOutput = true })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException("kubectl apply failed.");
        }
    }

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "TKA.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("Run it inside the repository.");
    }
}

using System.Diagnostics;
using System.Text;
using k8s;
using k8s.Models;
using TKA.DevEnvironment.Cluster;

namespace TKA.Benchmarks.Api;

/// <summary>
/// A cluster with deploy/ installed: an embedded one, of which the floor and TKA each get their own, or the real one that
/// <c>TKA_TEST_KUBECONFIG</c> names (an administrator's; the benchmark leaves TKA's namespaces and rights behind there).
/// </summary>
internal sealed class InstalledCluster : IAsyncDisposable
{
    private static readonly string[] _folders = ["crd", "rbac", "admission"];

    private readonly EmbeddedCluster? _embedded;

    private InstalledCluster(EmbeddedCluster? embedded, KubernetesClientConfiguration configuration)
    {
        _embedded = embedded;
        Admin = new k8s.Kubernetes(configuration);
        Uri = new Uri(configuration.Host);
        CaPem = string.Join('\n', (configuration.SslCaCerts ?? []).Select(certificate => certificate.ExportCertificatePem()));
    }

    /// <summary>Kubeconfig of the real cluster; <see langword="null"/>: embedded ones are used.</summary>
    public static string? RealKubeconfig => Environment.GetEnvironmentVariable("TKA_TEST_KUBECONFIG") is { Length: > 0 } path ? path : null;

    public Uri Uri { get; }

    public string CaPem { get; }

    /// <summary>A client with every right.</summary>
    public k8s.Kubernetes Admin { get; }

    public static async Task<InstalledCluster> StartAsync()
    {
        var deploy = Path.Combine(RepositoryRoot(), "deploy");
        string[] files =
        [
            Path.Combine(deploy, "namespaces.yaml"),
            .. _folders.SelectMany(folder => Directory.GetFiles(Path.Combine(deploy, folder), "*.yaml").Order(StringComparer.Ordinal)),
        ];
        if (RealKubeconfig is { } path)
        {
            await KubectlAsync(path, ["apply", .. files.SelectMany(file => new[] { "-f", file })]);
            return new InstalledCluster(null, KubernetesClientConfiguration.BuildConfigFromConfigFile(path));
        }

        var embedded = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions(), CancellationToken.None);
        foreach (var file in files)
        {
            await embedded.ApplyAsync(await File.ReadAllTextAsync(file), CancellationToken.None);
        }

        using var kubeconfig = new MemoryStream(Encoding.UTF8.GetBytes(embedded.AdminKubeconfig));
        return new InstalledCluster(embedded, KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
    }

    /// <summary>A token of one of TKA's ServiceAccounts.</summary>
    public async Task<string> TokenAsync(string serviceAccount, string[] audiences)
    {
        var request = new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = audiences, ExpirationSeconds = 24 * 3600 } };
        return (await Admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, serviceAccount, "tka-system")).Status.Token;
    }

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
    }

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

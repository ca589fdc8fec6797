using k8s;
using k8s.Models;
using TKA.DevEnvironment.Cluster;

namespace TKA.Benchmarks.Api;

/// <summary>An embedded cluster with deploy/ installed: the floor and TKA each get one, with the same rights and policies to pass.</summary>
internal sealed class InstalledCluster : IAsyncDisposable
{
    private InstalledCluster(EmbeddedCluster cluster)
    {
        Cluster = cluster;
        using var kubeconfig = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(cluster.AdminKubeconfig));
        Admin = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
    }

    public EmbeddedCluster Cluster { get; }

    /// <summary>A client with every right.</summary>
    public k8s.Kubernetes Admin { get; }

    public static async Task<InstalledCluster> StartAsync()
    {
        var installed = new InstalledCluster(await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions(), CancellationToken.None));
        var deploy = Path.Combine(RepositoryRoot(), "deploy");
        string[] files =
        [
            Path.Combine(deploy, "namespaces.yaml"),
            .. new[] { "crd", "rbac", "admission" }.SelectMany(folder => Directory.GetFiles(Path.Combine(deploy, folder), "*.yaml").Order(StringComparer.Ordinal)),
        ];
        foreach (var file in files)
        {
            await installed.Cluster.ApplyAsync(await File.ReadAllTextAsync(file), CancellationToken.None);
        }

        return installed;
    }

    /// <summary>A token of one of TKA's ServiceAccounts.</summary>
    public async Task<string> TokenAsync(string serviceAccount, string[] audiences)
    {
        var request = new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = audiences, ExpirationSeconds = 24 * 3600 } };
        return (await Admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, serviceAccount, "tka-system")).Status.Token;
    }

    public ValueTask DisposeAsync()
    {
        Admin.Dispose();
        return Cluster.DisposeAsync();
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

using System.Diagnostics;
using k8s;
using k8s.Models;
using TKA.DevEnvironment.Cluster;
using TKA.DevEnvironment.Stack;

namespace TKA.Benchmarks.Cluster;

/// <summary>
/// The embedded cluster in a process of its own, as an API server always is: what a request costs has the way to another process
/// in it, and TKA's memory and processor time can be told apart from the cluster's.
/// </summary>
internal sealed class ClusterProcess : IDisposable
{
    /// <summary>Argument that makes this executable be the cluster.</summary>
    public const string Argument = "cluster-process";

    private readonly Process _process;
    private readonly DirectoryInfo _directory;

    private ClusterProcess(Process process, DirectoryInfo directory, string adminKubeconfig)
    {
        _process = process;
        _directory = directory;
        AdminKubeconfig = adminKubeconfig;
        Admin = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(adminKubeconfig));
    }

    public string AdminKubeconfig { get; }

    public k8s.Kubernetes Admin { get; }

    /// <summary>Runs the cluster until standard input ends.</summary>
    public static async Task ServeAsync(string kubeconfigPath)
    {
        await using var cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions { WatchHistory = 100_000 }, CancellationToken.None);
        foreach (var (_, yaml) in DeployManifests.ReadAll())
        {
            await cluster.ApplyAsync(yaml, CancellationToken.None);
        }

        await File.WriteAllTextAsync(kubeconfigPath, cluster.AdminKubeconfig);
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
    }

    public static async Task<ClusterProcess> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("tka-benchmark-");
        var kubeconfig = Path.Combine(directory.FullName, "admin.kubeconfig");
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Self(), Argument, kubeconfig])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var line = await process.StandardOutput.ReadLineAsync();
        return line == "ready" ? new ClusterProcess(process, directory, kubeconfig) : throw new InvalidOperationException($"the cluster did not start: {line}");
    }

    /// <summary>A kubeconfig for one of TKA's ServiceAccounts.</summary>
    public async Task<string> KubeconfigForAsync(string account)
    {
        var token = await TokenAsync(account, []);
        var path = Path.Combine(_directory.FullName, $"{account}.kubeconfig");
        var text = (await File.ReadAllLinesAsync(AdminKubeconfig)).Select(line => line.TrimStart().StartsWith("token:", StringComparison.Ordinal) ? $"    token: {token}" : line);
        await File.WriteAllLinesAsync(path, text);
        return path;
    }

    public async Task<string> TokenAsync(string account, IList<string> audiences) =>
        (await Admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(
            new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = audiences, ExpirationSeconds = 7200 } }, account, "tka-system")).Status.Token;

    public void Dispose()
    {
        Admin.Dispose();
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
        {
            _process.Kill();
        }

        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private static IEnumerable<string> Self() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(ClusterProcess).Assembly.Location] : [];
}

using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using TKA.DevEnvironment.Cluster;

namespace TKA.Benchmarks.Cluster;

/// <summary>
/// Figures of the embedded cluster over real HTTPS on loopback, client and server in one process: requests per second and latency of
/// create and get, a list of 10,000, a watch fan-out to 100 clients, and memory of 50,000 TkaSignins.
/// </summary>
internal static class ClusterBenchmarks
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Signins = "/apis/tka.specht-labs.de/v1alpha1/namespaces/tka-sessions/tkasignins";
    private const int Clients = 16;

    /// <summary>Runs everything and prints one line per figure.</summary>
    public static async Task RunAsync()
    {
        var started = Stopwatch.GetTimestamp();
        await using var cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions(), CancellationToken.None);
        Print("start to listening", $"{Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms");
        using var http = Client(cluster);

        // The first requests pay for JIT and TLS; they are not what a long-running server does.
        await MeasureAsync("warm-up", 500, i => PostAsync(http, ConfigMaps, ConfigMap($"warm-{i}")), quiet: true);
        var create = await MeasureAsync("create ConfigMap", 10_000, i => PostAsync(http, ConfigMaps, ConfigMap($"c-{i}")));
        var get = await MeasureAsync("get ConfigMap", 20_000, i => GetAsync(http, $"{ConfigMaps}/c-{i % 10_000}"));
        Print("get : create", $"{get / create:F2} x");
        var list = await MeasureAsync("list 10,000 ConfigMaps", 50, _ => GetAsync(http, ConfigMaps), clients: 2);
        Print("objects listed", $"{list * 10_500:F0} /s");
        await FanOutAsync(http, watchers: 1, writes: 1000);
        await FanOutAsync(http, watchers: 100, writes: 1000);
        await MemoryAsync(cluster, http, 50_000);
    }

    private static async Task FanOutAsync(HttpClient http, int watchers, int writes)
    {
        var version = (string)JsonNode.Parse(await http.GetStringAsync(new Uri("/api/v1/namespaces/kube-public/configmaps", UriKind.Relative)))!["metadata"]!["resourceVersion"]!;
        var delays = new List<double>[watchers];
        var watching = Enumerable.Range(0, watchers).Select(i => WatchAsync(http, version, writes, delays[i] = [])).ToList();
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < writes; i++)
        {
            var stamp = Stopwatch.GetTimestamp().ToString(CultureInfo.InvariantCulture);
            await PostAsync(http, "/api/v1/namespaces/kube-public/configmaps", ConfigMap($"fan-{watchers}-{i}", stamp));
        }

        await Task.WhenAll(watching);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var all = delays.SelectMany(d => d).Order().ToList();
        Print($"watch fan-out to {watchers}", $"{writes / seconds:F0} writes/s, {all.Count / seconds:F0} events/s, p50 {all[all.Count / 2]:F2} ms, p99 {all[(int)(all.Count * 0.99)]:F2} ms");
    }

    private static async Task WatchAsync(HttpClient http, string version, int count, List<double> delays)
    {
        using var response = await http.GetAsync(
            new Uri($"/api/v1/namespaces/kube-public/configmaps?watch=true&resourceVersion={version}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (delays.Count < count && await reader.ReadLineAsync() is { } line)
        {
            var at = line.IndexOf("\"stamp\":\"", StringComparison.Ordinal);
            if (at > 0)
            {
                var end = line.IndexOf('"', at + 9);
                delays.Add(Stopwatch.GetElapsedTime(long.Parse(line.AsSpan(at + 9, end - at - 9), CultureInfo.InvariantCulture)).TotalMilliseconds);
            }
        }
    }

    private static async Task MemoryAsync(EmbeddedCluster cluster, HttpClient http, int count)
    {
        foreach (var file in (string[])["base/namespaces.yaml", "crd/tkasignins.yaml"])
        {
            await cluster.ApplyAsync(await File.ReadAllTextAsync(Path.Combine(RepositoryRoot(), "deploy", file)), CancellationToken.None);
        }

        var before = Settled();
        await MeasureAsync($"create {count:N0} TkaSignins", count, i => PostAsync(http, Signins, Signin(i)));
        Print("memory per TkaSignin", $"{(Settled() - before) / (double)count:F0} bytes (managed heap)");
        await MeasureAsync($"list {count:N0} TkaSignins", 4, _ => GetAsync(http, Signins), clients: 1);
    }

    private static long Settled() => GC.GetTotalMemory(forceFullCollection: true);

    private static async Task<double> MeasureAsync(string what, int count, Func<int, Task> request, int clients = Clients, bool quiet = false)
    {
        var latencies = new double[count];
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            int i;
            while ((i = Interlocked.Increment(ref next)) < count)
            {
                var at = Stopwatch.GetTimestamp();
                await request(i);
                latencies[i] = Stopwatch.GetElapsedTime(at).TotalMilliseconds;
            }
        }));
        var rate = count / Stopwatch.GetElapsedTime(started).TotalSeconds;
        Array.Sort(latencies);
        if (!quiet)
        {
            Print(what, $"{rate:F0} /s, p50 {latencies[count / 2]:F2} ms, p99 {latencies[(int)(count * 0.99)]:F2} ms ({clients} clients)");
        }

        return rate;
    }

    private static string ConfigMap(string name, string stamp = "") =>
        $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"},"data":{"stamp":"{{{stamp}}}","text":"some text as ConfigMaps hold it"}}""";

    private static string Signin(int i) => $$$"""
        {"apiVersion":"tka.specht-labs.de/v1alpha1","kind":"TkaSignin",
         "metadata":{"name":"tka-user-person-{{{i:x8}}}","finalizers":["tka.specht-labs.de/session"],
          "annotations":{"tka.specht-labs.de/last-attempted-sign-in":"2026-11-24T08:00:00Z","tka.specht-labs.de/sign-in-valid-until":"2026-11-24T16:00:00Z"}},
         "spec":{"username":"person-{{{i}}}@example.com","role":"view","validity_period":"8h0m0s","node":{"name":"laptop","stableID":"n{{{i}}}CNTRL"} } }
        """;

    private static HttpClient Client(EmbeddedCluster cluster)
    {
        using var kubeconfig = new MemoryStream(Encoding.UTF8.GetBytes(cluster.AdminKubeconfig));
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
        var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 256 };
        handler.SslOptions.CertificateChainPolicy = new System.Security.Cryptography.X509Certificates.X509ChainPolicy
        {
            TrustMode = System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust,
            RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(configuration.SslCaCerts);
        var client = new HttpClient(handler) { BaseAddress = cluster.Uri, Timeout = TimeSpan.FromMinutes(5) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", cluster.AdminToken);
        return client;
    }

    private static async Task PostAsync(HttpClient http, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri(path, UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
    }

    private static async Task GetAsync(HttpClient http, string path)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync();
        await body.CopyToAsync(Stream.Null);
    }

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "TKA.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("run the benchmarks from the repository");
    }

    private static void Print(string what, FormattableString figure) =>
        Console.WriteLine($"{what,-28} {figure.ToString(CultureInfo.InvariantCulture)}");
}

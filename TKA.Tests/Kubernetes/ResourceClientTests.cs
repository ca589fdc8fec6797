using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using k8s.Models;
using TKA.Kubernetes.Client;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Kubernetes;

/// <summary>Requests against a cluster, and through a proxy that answers what a cluster answers only when it is in trouble.</summary>
public sealed class ResourceClientTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Failures_are_told_apart()
    {
        await using var cluster = await TestCluster.StartAsync(Cancel);
        var ns = await cluster.CreateNamespaceAsync("client", Cancel);
        using var transport = new KubernetesTransport(new KubernetesClientOptions { Kubeconfig = cluster.AdminKubeconfigPath });
        var configMaps = new ResourceClient<V1ConfigMap>(transport, ResourceTypes.ConfigMaps, ns);
        var stored = await configMaps.CreateAsync(ConfigMap(ns, "a"), Cancel);

        Assert.Equal(KubernetesError.NotFound, (await FailsAsync(() => configMaps.GetAsync("b", Cancel))).Error);
        Assert.Null(await configMaps.TryGetAsync("b", Cancel));
        Assert.Equal(KubernetesError.AlreadyExists, (await FailsAsync(() => configMaps.CreateAsync(ConfigMap(ns, "a"), Cancel))).Error);
        Assert.Equal(KubernetesError.Invalid, (await FailsAsync(() => configMaps.CreateAsync(ConfigMap(ns, "Not_A_Name"), Cancel))).Error);

        stored.Data = new Dictionary<string, string> { ["key"] = "1" };
        await configMaps.ReplaceAsync(stored, Cancel);
        var conflict = await FailsAsync(() => configMaps.ReplaceAsync(stored, Cancel));
        Assert.Equal((KubernetesError.Conflict, false), (conflict.Error, conflict.IsTransient));
        Assert.Equal(KubernetesError.Conflict, (await FailsAsync(() => configMaps.DeleteAsync("a", "another-uid", Cancel))).Error);
        Assert.Equal(DeleteOutcome.Deleted, await configMaps.DeleteAsync("a", stored.Metadata.Uid, Cancel));
        Assert.Equal(DeleteOutcome.NotFound, await configMaps.DeleteAsync("a", null, Cancel));
        using var nobody = new KubernetesTransport(new KubernetesClientOptions { Kubeconfig = cluster.WriteKubeconfig("nobody", "rubbish") });
        Assert.Equal(
            KubernetesError.Unauthorized,
            (await FailsAsync(() => new ResourceClient<V1ConfigMap>(nobody, ResourceTypes.ConfigMaps, ns).GetAsync("a", Cancel))).Error);
    }

    [Theory]
    [InlineData(429, "TooManyRequests", KubernetesError.Throttled, true)]
    [InlineData(500, "InternalError", KubernetesError.Unavailable, true)]
    [InlineData(503, "ServiceUnavailable", KubernetesError.Unavailable, true)]
    [InlineData(504, "Timeout", KubernetesError.Unknown, true)]
    [InlineData(410, "Expired", KubernetesError.Gone, false)]
    [InlineData(403, "Forbidden", KubernetesError.Forbidden, false)]
    public async Task A_cluster_in_trouble_is_understood(int status, string reason, KubernetesError expected, bool transient)
    {
        await using var cluster = await TestCluster.StartAsync(Cancel);
        await using var proxy = await FaultProxy.StartAsync(cluster);
        using var transport = Through(proxy, cluster);
        proxy.Rule = _ => new Fault { Status = status, Reason = reason, RetryAfterSeconds = status == 429 ? 7 : null };

        var failure = await FailsAsync(() => new ResourceClient<V1Namespace>(transport, ResourceTypes.Namespaces).GetAsync("default", Cancel));

        Assert.Equal((expected, transient, reason), (failure.Error, failure.IsTransient, failure.Reason));
        Assert.Equal(status == 429 ? TimeSpan.FromSeconds(7) : null, failure.RetryAfter);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_leaves_the_outcome_unknown()
    {
        await using var cluster = await TestCluster.StartAsync(Cancel);
        var proxy = await FaultProxy.StartAsync(cluster);
        using var transport = Through(proxy, cluster);
        var namespaces = new ResourceClient<V1Namespace>(transport, ResourceTypes.Namespaces);

        proxy.Rule = _ => new Fault { AbortAfter = true };
        Assert.Equal(KubernetesError.Unknown, (await FailsAsync(() => namespaces.GetAsync("default", Cancel))).Error);
        proxy.Rule = _ => new Fault { Delay = TimeSpan.FromMinutes(1) };
        Assert.Equal(KubernetesError.Unknown, (await FailsAsync(() => namespaces.GetAsync("default", Cancel))).Error);

        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => namespaces.GetAsync("default", impatient.Token));
        await proxy.DisposeAsync();
        Assert.Equal(KubernetesError.Unavailable, (await FailsAsync(() => namespaces.GetAsync("default", Cancel))).Error);
    }

    [Fact]
    public async Task The_callers_trace_goes_along()
    {
        await using var cluster = await TestCluster.StartAsync(Cancel);
        await using var proxy = await FaultProxy.StartAsync(cluster);
        using var transport = Through(proxy, cluster);
        using var activity = new Activity("login").SetIdFormat(ActivityIdFormat.W3C).Start();

        await new ResourceClient<V1Namespace>(transport, ResourceTypes.Namespaces).GetAsync("default", Cancel);

        Assert.Contains(activity.TraceId.ToHexString(), proxy.Log[0].TraceParent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S7_a_new_CA_and_new_credentials_are_read_when_the_old_are_refused(bool authority)
    {
        await using var cluster = await TestCluster.StartAsync(Cancel);
        var path = await cluster.KubeconfigForAsync("default", "default", Cancel);
        var good = await File.ReadAllTextAsync(path, Cancel);
        using var stranger = new TKA.Tests.Cli.TestAuthority();
        var bad = authority
            ? Regex.Replace(good, "(certificate-authority-data:) .*", $"$1 {Convert.ToBase64String(Encoding.UTF8.GetBytes(stranger.Pem))}")
            : Regex.Replace(good, "token: .*", "token: rubbish");
        await File.WriteAllTextAsync(path, bad, Cancel);
        using var transport = new KubernetesTransport(new KubernetesClientOptions { Kubeconfig = path });
        var namespaces = new ResourceClient<V1Namespace>(transport, ResourceTypes.Namespaces);

        var refused = await FailsAsync(() => namespaces.GetAsync("default", Cancel));
        Assert.Equal(authority ? KubernetesError.Unavailable : KubernetesError.Unauthorized, refused.Error);
        Assert.DoesNotContain("see inner exception", refused.Message, StringComparison.Ordinal);

        // Half a file first, as a reader may see while it is being replaced.
        await File.WriteAllTextAsync(path, good[..(good.Length / 2)], Cancel);
        await FailsAsync(() => namespaces.GetAsync("default", Cancel));
        await File.WriteAllTextAsync(path, good, Cancel);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await namespaces.GetAsync("default", Cancel);
                    return true;
                }
                catch (KubernetesRequestException exception)
                {
                    // The ServiceAccount may read nothing; being told so takes trust and a good token.
                    return exception.Error == KubernetesError.Forbidden;
                }
            },
            "the files are read again");
    }

    private static KubernetesTransport Through(FaultProxy proxy, TestCluster cluster)
    {
        var configuration = k8s.KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.AdminKubeconfigPath);
        var path = cluster.WriteKubeconfig("admin", configuration.AccessToken);
        var lines = File.ReadAllLines(path)
            .Where(line => !line.Contains("certificate-authority-data", StringComparison.Ordinal))
            .Select(line => line.Contains("server: ", StringComparison.Ordinal) ? $"    server: {proxy.Uri}" : line);
        File.WriteAllLines(path, lines.ToArray());
        return new KubernetesTransport(new KubernetesClientOptions { Kubeconfig = path, RequestTimeout = TimeSpan.FromSeconds(2) });
    }

    private static Task<KubernetesRequestException> FailsAsync(Func<Task> action) => Assert.ThrowsAsync<KubernetesRequestException>(action);

    private static V1ConfigMap ConfigMap(string ns, string name) => new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns } };
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using TKA.DevEnvironment.Cluster;
using TKA.DevEnvironment.Stack;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Stack;

/// <summary>What a kubelet would keep fresh for the components, while the API server is away over a renewal (case S14).</summary>
public sealed class RenewalTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tka-renewal-").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly LogCollector _log = new();
    private readonly ILoggerFactory _loggers;
    private EmbeddedCluster _cluster = null!;
    private FaultyProxy _proxy = null!;

    public RenewalTests() => _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private StackFiles Files => new(_directory);

    private Upkeep Upkeep => new(_time, _loggers.CreateLogger<Upkeep>());

    public async ValueTask InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions(), Cancel);
        _proxy = new FaultyProxy(_cluster.Uri);
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _cluster.DisposeAsync();
        _loggers.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task On_the_embedded_cluster()
    {
        foreach (var (_, manifest) in DeployManifests.ReadAll())
        {
            await _cluster.ApplyAsync(manifest, Cancel);
        }

        using var admin = new AdminClient(_proxy.Uri, _cluster.CaPem, _cluster.AdminToken);
        await using var mounts = await PodMounts.CreateAsync(admin, Files, _proxy.Uri, _cluster.CaPem, Upkeep, Cancel);
        await SurvivesAsync(PodMounts.Renewal);
    }

    [Fact]
    public async Task On_the_cluster_of_a_kubeconfig()
    {
        var kubeconfig = Path.Combine(_directory, "user.kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, _cluster.AdminKubeconfig.Replace($":{_cluster.Uri.Port}", $":{_proxy.Uri.Port}", StringComparison.Ordinal), Cancel);
        await using var cluster = await KubeconfigCluster.OpenAsync(new Kubectl(kubeconfig), Upkeep, Cancel);
        await cluster.InstallAsync(Cancel);
        await cluster.MountAsync(Files, Cancel);
        await SurvivesAsync(PodMounts.Renewal);
    }

    private async Task SurvivesAsync(TimeSpan renewal)
    {
        await PublishCaAsync("first");
        await Eventually.TrueAsync(() => HasCa("first"), "the operator's CA is written");
        string[] tokens = [Files.Api.Token, Files.Api.OperatorToken, Files.Operator.Token];
        var before = tokens.Select(File.ReadAllText).ToArray();

        _proxy.Refuse();
        _time.Advance(renewal);
        await Eventually.TrueAsync(() => Logged("renewal of the components' tokens failed"), "the failed renewal is logged");
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(Upkeep.Retry);
                return Logged("watch of the operator's CA failed");
            },
            "the broken watch is logged");

        _proxy.Resume();
        await PublishCaAsync("second");
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(Upkeep.Retry);
                return HasCa("second") && tokens.Zip(before).All(pair => File.ReadAllText(pair.First) != pair.Second);
            },
            "tokens are renewed and the CA is followed again");
        Assert.Single(_log.Lines, line => line.Message.Contains("renewal of the components' tokens failed", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => Logged("works again"), "the recovery is logged");
    }

    private bool Logged(string text) => _log.Lines.Any(line => line.Message.Contains(text, StringComparison.Ordinal));

    private bool HasCa(string name) =>
        File.Exists(Files.Api.OperatorCa) && File.ReadAllText(Files.Api.OperatorCa).Contains(name, StringComparison.Ordinal);

    private Task PublishCaAsync(string name) => _cluster.ApplyAsync(
        $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: tka-operator-ca, namespace: tka-system}
        data:
          ca.crt: |
            -----BEGIN CERTIFICATE-----
            {{name}}
            -----END CERTIFICATE-----
        """,
        Cancel);
}

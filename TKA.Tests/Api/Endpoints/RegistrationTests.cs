using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Orchestrator.Registry;
using TKA.Tests.Infrastructure;
using TKA.Tests.Orchestrator;
using Xunit;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Api.Endpoints;

/// <summary>The API announces its cluster to the real orchestrator, as the tagged node it is, and keeps the announcement alive.</summary>
public class RegistrationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_cluster_is_registered_and_kept_alive()
    {
        await using var orchestrator = await OrchestratorServer.StartAsync(Cancel);
        var port = FixedPorts.Next().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions
        {
            ApiSettings = new Dictionary<string, string?>
            {
                ["tailscale:port"] = port,
                ["orchestrator:url"] = orchestrator.Uri.ToString(),
                ["orchestrator:sourceAddress"] = OrchestratorServer.TkaDev,
                ["orchestrator:heartbeat"] = "1s",
                ["orchestrator:description"] = "for tests",
                ["orchestrator:tkaEndpoint"] = $"http://127.0.0.1:{port}",
            },
        });
        using var alice = orchestrator.ClientFrom(OrchestratorServer.Alice);
        ClusterEntry? cluster = null;
        await Eventually.TrueAsync(async () => (cluster = await FindAsync(alice)) is not null);

        Assert.Equal(("ready", "registered", "for tests"), (cluster!.Status, cluster.Source, cluster.Description));
        Assert.Equal($"http://127.0.0.1:{port}", cluster.TkaEndpoint);
        Assert.Equal(stack.Cluster.Configuration.Host.TrimEnd('/'), cluster.ApiEndpoint);
        Assert.Equal("test", cluster.Labels["environment"]);
        Assert.NotEmpty(cluster.Version);
        await Eventually.TrueAsync(async () => (await FindAsync(alice))!.LastSeen > cluster.LastSeen);

        // The first look may come before the API knows either.
        await Eventually.TrueAsync(async () => (cluster = await FindAsync(alice)) is { SignsIn: true, KubernetesVersion: not null }, "people can sign in");
        Assert.Equal((await stack.Cluster.Admin.Version.GetCodeAsync(Cancel)).GitVersion, cluster!.KubernetesVersion);

        // Another installation holds the name from now on, and this API's readiness says so.
        var registry = orchestrator.Services.GetRequiredService<ClusterRegistry>();
        await registry.RemoveAsync("test", _ => true, Cancel);
        await registry.RegisterAsync(OrchestratorServer.Entry("test"), "another", "another-node", "tka-another", Cancel);
        using var management = new HttpClient { BaseAddress = stack.ApiManagementUri };
        await Eventually.TrueAsync(
            async () => (await management.GetStringAsync("/readyz?verbose", Cancel)).Contains("tka-another", StringComparison.Ordinal), "readiness tells of the conflict");
        Assert.Contains(stack.ApiLogs.Lines, line => line.Level == LogLevel.Warning && line.Message.Contains("tka-another", StringComparison.Ordinal));
        await registry.RemoveAsync("test", _ => true, Cancel);
        await Eventually.TrueAsync(async () => (await FindAsync(alice)) is { Conflict: null }, "it is registered again");

        await stack.DisposeAsync();
        Assert.Null(await FindAsync(alice));
    }

    [Fact]
    public async Task A_proxy_that_every_peer_could_use_is_warned_of()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions
        {
            Operator = false,
            ApiSettings = new Dictionary<string, string?> { ["orchestrator:url"] = "http://127.0.0.1:1", ["orchestrator:proxy"] = "socks5://127.0.0.1:1055" },
        });

        await Eventually.TrueAsync(
            () => stack.ApiLogs.Lines.Any(line => line.Level == LogLevel.Warning && line.Message.Contains("socks5://127.0.0.1:1055", StringComparison.Ordinal)), "the API warns of the proxy");
    }

    [Fact]
    public async Task Without_the_orchestrator_the_API_works_and_says_so()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions
        {
            Operator = false,
            ApiSettings = new Dictionary<string, string?> { ["orchestrator:url"] = "http://127.0.0.1:1" },
        });

        (await stack.From("127.0.0.1").LoginAsync()).Expect(202);
        await Eventually.TrueAsync(
            () => stack.ApiLogs.Lines.Any(line => line.Message.StartsWith("Registering with the orchestrator", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task S8_a_cause_that_changes_is_logged_anew_and_so_is_the_recovery()
    {
        await using var orchestrator = await OrchestratorServer.StartAsync(Cancel);
        await using var way = new FaultyProxy(orchestrator.Uri);
        way.Refuse();
        var registry = orchestrator.Services.GetRequiredService<ClusterRegistry>();
        await registry.RegisterAsync(OrchestratorServer.Entry("test"), "another", "another-node", "tka-another", Cancel);
        var port = FixedPorts.Next().ToString(System.Globalization.CultureInfo.InvariantCulture);
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions
        {
            Operator = false,
            ApiSettings = new Dictionary<string, string?>
            {
                ["tailscale:port"] = port,
                ["orchestrator:url"] = way.Uri.ToString(),
                ["orchestrator:heartbeat"] = "1s",
                ["orchestrator:tkaEndpoint"] = $"http://127.0.0.1:{port}",
            },
        });

        await LoggedAsync("The orchestrator cannot be reached");
        way.Resume();
        await LoggedAsync("The orchestrator answered 403");
        Assert.Equal(2, Failures());
        way.Refuse();
        await LoggedAsync("The orchestrator cannot be reached", times: 2);

        Task LoggedAsync(string cause, int times = 1) => Eventually.TrueAsync(
            () => stack.ApiLogs.Lines.Count(line => line.Level == LogLevel.Warning && line.Message.Contains(cause, StringComparison.Ordinal)) == times, cause);

        int Failures() => stack.ApiLogs.Lines.Count(line => line.Message.StartsWith("Registering with the orchestrator", StringComparison.Ordinal));
    }

    private static async Task<ClusterEntry?> FindAsync(HttpClient client) =>
        (await client.CallAsync(HttpMethod.Get, ApiRoutes.Clusters)).Expect(200)
            .Read(ContractsJsonContext.Default.ClusterList).Items.SingleOrDefault(item => item.Name == "test");
}

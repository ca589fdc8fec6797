using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using TKA.Tailscale.LocalApi;
using TKA.Tailscale.Serving;
using TKA.Tests.Cli;
using TKA.Tests.Infrastructure;
using Xunit;
using static TKA.Tests.Orchestrator.OrchestratorServer;

namespace TKA.Tests.Orchestrator;

/// <summary>Where the orchestrator connects to, and that TLS proves who answers.</summary>
public sealed class ProbeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tka-two.tail0dev.ts.net", 30, true, true)]
    [InlineData("tka-three.tail0dev.ts.net", 30, true, false)]
    [InlineData("tka-two.tail0dev.ts.net", -1, true, false)]
    [InlineData("tka-two.tail0dev.ts.net", 30, false, false)]
    public async Task A_node_is_believed_when_its_certificate_is_good_and_bears_its_own_name(string name, int endsInDays, bool isTrusted, bool isListed)
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue(name, endsInDays);
        using var root = X509Certificate2.CreateFromPem(authority.Pem);
        await using var two = await ClusterApi.StartAsync(TkaTwo, "two", Cancellation, certificate: certificate);
        two.Info = two.Info with { TkaEndpoint = "http://127.0.0.1:1" };
        var logs = new LogCollector();
        await using var server = await OrchestratorServer.StartAsync(
            Cancellation,
            settings: new() { ["orchestrator:allowHttp"] = "false", ["orchestrator:clusterPort"] = two.Port.ToString(CultureInfo.InvariantCulture) },
            logs: logs,
            services: services => _ = isTrusted ? services.AddSingleton(Trusting(root)) : services);
        using var alice = server.ClientFrom(Alice);

        if (isListed)
        {
            await Eventually.TrueAsync(async () => (await ListAsync(alice, Cancellation)).Count == 1, "the node is found");
            Assert.Equal($"https://tka-two.tail0dev.ts.net:{two.Port}", Assert.Single(await ListAsync(alice, Cancellation)).TkaEndpoint);
            return;
        }

        await Eventually.TrueAsync(() => logs.Lines.Any(line => line.Message.Contains("tka-two", StringComparison.Ordinal) && line.Message.Contains("certificate", StringComparison.Ordinal)), "the node is refused");
        Assert.Empty(await ListAsync(alice, Cancellation));
        Assert.Equal(0, two.Asked);
    }

    [Theory]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("http://169.254.169.254:80")]
    [InlineData("http://[fe80::1]")]
    [InlineData("https://metadata.google.internal")]
    [InlineData("http://10.0.0.1:8080")]
    [InlineData("http://localhost:22")]
    public async Task No_field_that_anyone_can_set_leads_to_an_address_that_is_not_the_caller_s_own_on_the_tailnet(string evil)
    {
        var dialled = new ConcurrentQueue<string>();
        await using var two = await ClusterApi.StartAsync(TkaTwo, "two", Cancellation);
        two.Info = two.Info with { ServerUrl = evil.Replace("http://", "https://", StringComparison.Ordinal), Description = evil, TkaEndpoint = evil };
        await using var server = await OrchestratorServer.StartAsync(
            Cancellation,
            settings: new() { ["orchestrator:clusterPort"] = two.Port.ToString(CultureInfo.InvariantCulture) },
            services: services => services.AddSingleton<ILocalApiClient>(provider => new RecordingLocalApi(
                ActivatorUtilities.CreateInstance<LocalApiClient>(provider), dialled)));

        using var answer = await two.RegisterAsync(server, Cancellation, entry => entry with { TkaEndpoint = evil, ApiEndpoint = "https://169.254.169.254", Description = evil });
        two.Answer = context =>
        {
            context.Response.Redirect(evil);
            return Task.CompletedTask;
        };
        using var redirected = await two.RegisterAsync(server, Cancellation, entry => entry with { Description = "again" });

        Assert.NotEmpty(dialled);
        Assert.All(dialled, host => Assert.True(IPAddress.TryParse(host, out var address) && ListenAddress.IsTailnet(address), host));
    }

    [Fact]
    public async Task A_node_that_has_IPv6_addresses_only_is_found_and_asked_there()
    {
        var dialled = new ConcurrentQueue<string>();
        await using var two = await ClusterApi.StartAsync(TkaTwo, "two", Cancellation);
        await using var server = await OrchestratorServer.StartAsync(
            Cancellation,
            settings: new() { ["orchestrator:clusterPort"] = two.Port.ToString(CultureInfo.InvariantCulture) },
            services: services => services.AddSingleton<ILocalApiClient>(
                provider => new RecordingLocalApi(ActivatorUtilities.CreateInstance<LocalApiClient>(provider), dialled, onlyIPv6: true)));
        using var alice = server.ClientFrom(Alice);

        await Eventually.TrueAsync(async () => await ListAsync(alice, Cancellation) is [{ Name: "two" }], "the node is found");
        Assert.All(dialled, host => Assert.Contains(':', host));
    }

    private static SslClientAuthenticationOptions Trusting(X509Certificate2 root)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(root);
        return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
    }

    /// <param name="inner">The real client.</param>
    /// <param name="dialled">Takes what is connected to.</param>
    /// <param name="onlyIPv6">Whether nodes have no IPv4 address, as by the node attribute disable-ipv4.</param>
    private sealed class RecordingLocalApi(ILocalApiClient inner, ConcurrentQueue<string> dialled, bool onlyIPv6 = false) : ILocalApiClient
    {
        public Task<WhoIsResponse?> WhoIsAsync(IPEndPoint remote, CancellationToken cancellationToken) => inner.WhoIsAsync(remote, cancellationToken);

        public Task<WhoIsResponse?> WhoIsAsync(IPAddress address, CancellationToken cancellationToken) => inner.WhoIsAsync(address, cancellationToken);

        public async Task<TailscaleStatus> StatusAsync(bool peers, CancellationToken cancellationToken)
        {
            var status = await inner.StatusAsync(peers, cancellationToken);
            return !onlyIPv6 ? status : status with
            {
                Peer = status.Peer?.ToDictionary(peer => peer.Key, peer => peer.Value with { TailscaleIPs = [.. peer.Value.TailscaleIPs!.Where(address => address.Contains(':'))] }),
            };
        }

        public Task<CertificatePem> CertPairAsync(string domain, TimeSpan minValidity, CancellationToken cancellationToken) => inner.CertPairAsync(domain, minValidity, cancellationToken);

        public Task<ServeConfig?> ServeConfigAsync(CancellationToken cancellationToken) => inner.ServeConfigAsync(cancellationToken);

        public Task<Stream> DialAsync(string host, int port, CancellationToken cancellationToken)
        {
            dialled.Enqueue(host);
            return inner.DialAsync(host, port, cancellationToken);
        }

        public IAsyncEnumerable<IpnNotification> WatchIpnBusAsync(IpnBusEvents events, CancellationToken cancellationToken) => inner.WatchIpnBusAsync(events, cancellationToken);
    }
}

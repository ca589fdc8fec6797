using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TKA.Contracts.Rest;
using TKA.Tailscale.Authentication;
using TKA.Tailscale.LocalApi;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Tailscale;

/// <summary>Identity over real sockets: embedded tailnet, Kestrel, HttpClient bound to a device's address.</summary>
public sealed class IdentityTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1", "alice@example.com on laptop-alice seen as alice@example.com")]
    [InlineData("127.0.0.2", "bob@example.com on laptop-bob seen as bob@example.com")]
    [InlineData("127.0.0.5", "alice@other.org on laptop-other-alice seen as alice@other.org")]
    public async Task The_caller_is_who_the_connection_says(string source, string expected)
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        using var client = server.ClientFrom(source);

        Assert.Equal(expected, await client.GetStringAsync("/rule", Cancellation));
    }

    [Theory]
    [InlineData("127.0.0.77", "/person", 403, "urn:tka:problem:unknown-peer")]
    [InlineData("127.0.0.4", "/person", 400, "urn:tka:problem:tagged-node")]
    [InlineData("127.0.0.3", "/rule", 403, "urn:tka:problem:no-rule")]
    [InlineData("127.0.0.1", "/admin", 403, "urn:tka:problem:not-admin")]
    public async Task A_caller_without_the_right_is_refused_with_the_reason(string source, string path, int status, string type)
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        using var client = server.ClientFrom(source);

        await AssertProblemAsync(client, path, status, type);
    }

    [Fact]
    public async Task An_admin_rule_makes_an_admin()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        using var client = server.ClientFrom("127.0.0.6");

        Assert.StartsWith("dave@example.com", await client.GetStringAsync("/admin", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_node_is_refused_although_whois_still_answers_for_it()
    {
        var policy = new TestTailnetPolicy().Person("127.0.0.1", "alice@example.com", """[{"role":"view","period":"8h"}]""", expired: true);
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, policy.ToString());
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        using var client = server.ClientFrom("127.0.0.1");

        await AssertProblemAsync(client, "/person", 403, "urn:tka:problem:node-expired");
    }

    /// <summary>A grant is rechecked for the device that signed in; its address may have become another device's.</summary>
    [Fact]
    public async Task An_address_is_a_nodes_only_while_its_stable_id_is_the_same()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        var resolver = server.Services.GetRequiredService<ITailscaleIdentityResolver>();
        var (address, stableId) = await LaptopAsync(server);

        Assert.True((await resolver.ResolveNodeAsync(address, stableId, Cancellation)).IsKnown);
        var other = await resolver.ResolveNodeAsync(address, "nOther", Cancellation);
        Assert.False(other.IsKnown);
        Assert.Equal(TailscaleRefusalReason.UnknownPeer, other.Refusal!.Reason);
    }

    [Fact]
    public async Task Each_question_to_tailscaled_is_measured_with_its_outcome()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        var outcomes = new ConcurrentQueue<string?>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "tka.whois.duration" && instrument.Meter.Scope == server.Services.GetRequiredService<IMeterFactory>())
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) => outcomes.Enqueue((string?)tags[0].Value));
        listener.Start();
        var resolver = server.Services.GetRequiredService<ITailscaleIdentityResolver>();
        var (address, _) = await LaptopAsync(server);

        await resolver.ResolveAddressAsync(address, Cancellation);
        await resolver.ResolveAddressAsync(IPAddress.Parse("127.0.0.77"), Cancellation);
        await tailnet.DownAsync();
        await resolver.ResolveAddressAsync(address, Cancellation);

        Assert.Equal(["known", "unknown", "error"], outcomes);
    }

    [Fact]
    public async Task The_servers_own_node_is_nobody()
    {
        var policy = new TestTailnetPolicy().Self("127.0.0.9").Grant("*", """[{"role":"view","period":"8h"}]""");
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, policy.ToString());
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        using var client = server.ClientFrom("127.0.0.9");

        await AssertProblemAsync(client, "/person", 403, "urn:tka:problem:own-node");
    }

    [Fact]
    public async Task A_request_through_Funnel_is_refused_whoever_sends_it()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        using var client = server.ClientFrom("127.0.0.1");
        client.DefaultRequestHeaders.Add("Tailscale-Funnel-Request", "?1");

        await AssertProblemAsync(client, "/rule", 403, "urn:tka:problem:funnel");
    }

    [Fact]
    public async Task Without_tailscaled_the_answer_is_503_and_it_recovers_by_itself()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        using var client = server.ClientFrom("127.0.0.1");
        await client.GetStringAsync("/rule", Cancellation);

        await tailnet.DownAsync();
        await AssertProblemAsync(client, "/rule", 503, "urn:tka:problem:tailscaled-unavailable");

        await tailnet.UpAsync(Cancellation);
        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await client.GetAsync("/rule", Cancellation);
                return response.IsSuccessStatusCode;
            },
            "tailscaled is asked again");
        Assert.StartsWith("alice@example.com", await client.GetStringAsync("/rule", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_tailscale_down_nobody_is_believed_although_whois_still_answers()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        using var client = server.ClientFrom("127.0.0.1");
        using var localApi = new RawLocalApi(tailnet.SocketPath);

        await localApi.WantRunningAsync(false, Cancellation);
        await AssertProblemAsync(client, "/rule", 503, "urn:tka:problem:tailscale-not-running");

        await localApi.WantRunningAsync(true, Cancellation);
        await client.GetStringAsync("/rule", Cancellation);
    }

    [Theory]
    [InlineData("""[{"role":"view","period":8}]""", 400, "urn:tka:problem:capability-malformed", "Rule 0: period")]
    [InlineData("""[{"role":"view","period":"8h"},{"role":7,"period":"8h"}]""", 400, "urn:tka:problem:capability-malformed", "Rule 1: role")]
    [InlineData("""[{"role":"view","period":"soon"}]""", 422, "urn:tka:problem:capability-period", "Rule 0: period 'soon'")]
    public async Task A_capability_that_cannot_be_read_is_told_with_rule_and_field(string rules, int status, string type, string detail)
    {
        var policy = new TestTailnetPolicy().Person("127.0.0.1", "alice@example.com", rules);
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, policy.ToString());
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        using var client = server.ClientFrom("127.0.0.1");

        var problem = await AssertProblemAsync(client, "/rule", status, type);
        Assert.Contains(detail, problem.Detail, StringComparison.Ordinal);
        Assert.Equal(problem.Detail, problem.Message);
    }

    [Fact]
    public async Task A_changed_policy_counts_on_the_same_connection()
    {
        await using var tailnet = await TestTailnet.StartAsync(
            Cancellation, new TestTailnetPolicy().Person("127.0.0.1", "alice@example.com", """[{"role":"view","period":"8h"}]""").ToString());
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation);
        using var client = server.ClientFrom("127.0.0.1");
        await client.GetStringAsync("/rule", Cancellation);

        await tailnet.SetPolicyAsync(new TestTailnetPolicy().Person("127.0.0.1", "alice@example.com").ToString(), Cancellation);
        await AssertProblemAsync(client, "/rule", 403, "urn:tka:problem:no-rule");
    }

    [Fact]
    public async Task Wildcard_addresses_are_refused_at_start()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => WhoAmIServer.StartAsync(
            tailnet,
            Cancellation,
            builder => builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>("server:address", "0.0.0.0")])));

        Assert.Contains("server.address is \"0.0.0.0\"", exception.Message, StringComparison.Ordinal);
        Assert.Contains("server.allowAnyAddress", exception.Message, StringComparison.Ordinal);
    }

    private static async Task<Problem> AssertProblemAsync(HttpClient client, string path, int status, string type)
    {
        using var response = await client.GetAsync(path, Cancellation);
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal(Problem.MediaType, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(status is 429 or 503, response.Headers.RetryAfter is not null);
        var problem = await response.Content.ReadFromJsonAsync<Problem>(Cancellation);
        Assert.Equal(type, problem!.Type);
        Assert.NotEmpty(problem.Advice);
        return problem;
    }

    /// <summary>The tailnet address and stable id of Alice's laptop.</summary>
    private static async Task<(IPAddress Address, string StableId)> LaptopAsync(WhoAmIServer server)
    {
        var status = await server.Services.GetRequiredService<ILocalApiClient>().StatusAsync(peers: true, Cancellation);
        var laptop = status.Peer!.Values.Single(peer => peer.HostName == "laptop-alice");
        return (IPAddress.Parse(laptop.TailscaleIPs![0]), laptop.ID);
    }
}

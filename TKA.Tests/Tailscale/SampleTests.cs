using System.Text.Json;
using TKA.Contracts.Capabilities;
using TKA.Tailscale;
using TKA.Tailscale.Authentication;
using TKA.Tailscale.Capabilities;
using TKA.Tailscale.LocalApi;
using Xunit;

namespace TKA.Tests.Tailscale;

/// <summary>The readers on answers of a real tailscaled 1.96.4 (<c>Samples/</c>; names and ids are made up).</summary>
public sealed class SampleTests
{
    [Fact]
    public void A_person_with_two_merged_grants()
    {
        var whoIs = WhoIs("whois-laptop-alice.json");
        var peer = TailscalePeer.From(whoIs, TailscaleOptions.DefaultCapName);

        Assert.Equal("alice@example.com", peer.LoginName);
        Assert.Equal("Alice Müller", peer.DisplayName);
        Assert.Equal("laptop-alice", peer.NodeName);
        Assert.Equal("laptop-alice.tail0test.ts.net", peer.NodeFqdn);
        Assert.Equal("n0000002CNTRL", peer.NodeStableId);
        Assert.Equal(1002493822278, whoIs.Node.User);
        Assert.Equal(["100.64.0.2", "fd7a:115c:a1e0:ab12:4843:cd96:6240:2"], peer.Addresses.Select(address => address.ToString()));
        Assert.False(peer.IsTagged);
        Assert.Equal(
            [
                new CapabilityRule { Role = "cluster-admin", Period = TimeSpan.FromHours(8), Priority = 100 },
                new CapabilityRule { Role = "view", Period = TimeSpan.FromHours(4), Priority = 1 },
            ],
            peer.Rules.Items);
        Assert.Equal("cluster-admin", RuleSelection.Choose(peer.Rules.Items).Rule!.Role);
    }

    [Fact]
    public void A_tagged_node_with_another_capability_has_no_rule()
    {
        var peer = TailscalePeer.From(WhoIs("whois-ci.json"), TailscaleOptions.DefaultCapName);

        Assert.Equal(["tag:ci"], peer.Tags);
        Assert.Equal("tag:ci (ci)", peer.Principal);
        Assert.Empty(peer.Rules.Items);
        Assert.Null(peer.Rules.Error);
    }

    [Fact]
    public void The_own_node_has_no_capabilities_at_all()
    {
        var whoIs = WhoIs("whois-self.json");

        Assert.Null(whoIs.CapMap);
        Assert.Empty(TailscalePeer.From(whoIs, TailscaleOptions.DefaultCapName).Rules.Items);
    }

    [Fact]
    public void An_expired_node_says_so() => Assert.True(WhoIs("whois-expired-node.json").Node.Expired);

    /// <summary>
    /// Capability version 130 and older writes Go's zero time for a key that never expires; newer ones leave the field out.
    /// </summary>
    [Theory]
    [InlineData("\"0001-01-01T00:00:00Z\"")]
    [InlineData("\"0001-01-01T00:00:00.000000001Z\"")]
    [InlineData("\"0001-01-02T00:00:00+14:00\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    public void The_zero_time_of_Go_is_never(string keyExpiry) =>
        Assert.Null(JsonSerializer.Deserialize("{\"Node\":{\"StableID\":\"n1\",\"KeyExpiry\":" + keyExpiry + "},\"UserProfile\":{}}", LocalApiJsonContext.Default.WhoIsResponse)!.Node.KeyExpiry);

    [Fact]
    public void A_time_of_Go_is_read_with_its_fraction_and_offset() => Assert.Equal(
        new DateTimeOffset(2027, 2, 3, 4, 5, 6, TimeSpan.FromHours(1)).AddTicks(1_234_567),
        JsonSerializer.Deserialize("""{"Node":{"KeyExpiry":"2027-02-03T04:05:06.123456789+01:00"},"UserProfile":{}}""", LocalApiJsonContext.Default.WhoIsResponse)!.Node.KeyExpiry);

    [Fact]
    public void The_status_with_and_without_peers()
    {
        var status = Read("status-tka.json", LocalApiJsonContext.Default.TailscaleStatus);
        Assert.Equal(TailscaleStatus.Running, status.BackendState);
        Assert.False(status.TUN);
        Assert.Equal("n0000001CNTRL", status.Self!.ID);
        Assert.True(status.Self.Online);
        Assert.Equal(["tka.tail0test.ts.net"], status.CertDomains);
        Assert.Equal(3, status.Peer!.Count);
        Assert.Equal(["tag:ci"], status.Peer.Values.Single(peer => peer.HostName == "ci").Tags);
        Assert.Equal("bob@example.com", status.User!["1003055529145"].LoginName);

        var alone = Read("status-tka-nopeers.json", LocalApiJsonContext.Default.TailscaleStatus);
        Assert.Null(alone.Peer);
        Assert.Equal("n0000001CNTRL", alone.Self!.ID);
    }

    [Fact]
    public void Numbers_beyond_a_double_stay_exact()
    {
        const string json = """{"Node":{"StableID":"n1","User":9007199254740993},"UserProfile":{"ID":9007199254740993,"LoginName":"a@b"},"CapMap":null}""";

        Assert.Equal(9007199254740993, JsonSerializer.Deserialize(json, LocalApiJsonContext.Default.WhoIsResponse)!.Node.User);
    }

    [Fact]
    public void Members_that_are_left_out_have_their_defaults()
    {
        var whoIs = JsonSerializer.Deserialize("""{"Node":{},"UserProfile":{}}""", LocalApiJsonContext.Default.WhoIsResponse)!;
        Assert.Equal(("", "", ""), (whoIs.Node.StableID, whoIs.Node.ComputedName, whoIs.UserProfile.LoginName));
        Assert.Equal("", TailscalePeer.From(whoIs, TailscaleOptions.DefaultCapName).NodeName);

        var status = JsonSerializer.Deserialize("{}", LocalApiJsonContext.Default.TailscaleStatus)!;
        Assert.Equal("", status.BackendState);
    }

    [Theory]
    [InlineData("""{"UserProfile":{"LoginName":"a@b"}}""")]
    [InlineData("""{"Node":null,"UserProfile":{"LoginName":"a@b"}}""")]
    [InlineData("""{"Node":{"StableID":"n1"}}""")]
    [InlineData("""{"Node":{"StableID":1},"UserProfile":{"LoginName":"a@b"}}""")]
    [InlineData("[]")]
    public void An_answer_that_is_no_whois_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, LocalApiJsonContext.Default.WhoIsResponse));

    private static WhoIsResponse WhoIs(string name) => Read(name, LocalApiJsonContext.Default.WhoIsResponse);

    private static T Read<T>(string name, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        using var stream = typeof(SampleTests).Assembly.GetManifestResourceStream($"tailscale/{name}")!;
        return JsonSerializer.Deserialize(stream, type)!;
    }
}

using System.Net;
using TKA.DevEnvironment.Tailnet;
using TKA.DevEnvironment.Tailnet.Policy;
using Xunit;

namespace TKA.DevEnvironment.Tests.Tailnet;

/// <summary>What a policy file means, and what is refused in one.</summary>
public sealed class PolicyTests
{
    private const string Everything = """
        {
          "groups": {"group:sre": ["alice@example.com"]},
          "tagOwners": {"tag:tka": [], "tag:ci": ["group:sre"]},
          "hosts": {"office": "100.64.0.0/30", "bobs": "100.64.0.3"},
          "devices": {
            "127.0.0.1": {"name": "a", "user": "alice@example.com"},
            "127.0.0.2": {"name": "b", "user": "bob@example.com"},
            "127.0.0.3": {"name": "c", "tags": ["tag:ci"]},
          },
          "grants": [GRANT],
        }
        """;

    [Theory]
    [InlineData("*", "a,b,c")]
    [InlineData("autogroup:member", "a,b")]
    [InlineData("autogroup:tagged", "c")]
    [InlineData("group:sre", "a")]
    [InlineData("alice@example.com", "a")]
    [InlineData("ALICE@example.com", "a")]
    [InlineData("carol@example.com", "")]
    [InlineData("tag:ci", "c")]
    [InlineData("tag:tka", "")]
    [InlineData("office", "a,b")]
    [InlineData("bobs", "b")]
    [InlineData("100.64.0.4", "c")]
    [InlineData("100.64.0.0/10", "a,b,c")]
    [InlineData("fd7a:115c:a1e0:ab12:4843:cd96:6240:2", "a")]
    public void A_source_selects(string source, string expected) =>
        Assert.Equal(expected, Holders($$$"""{"src": ["{{{source}}}"], "dst": ["tag:tka"], "app": {"example.com/cap": [1]}}"""));

    [Theory]
    [InlineData("tag:tka", true)]
    [InlineData("*", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("office", true)]
    [InlineData("tag:ci", false)]
    [InlineData("bobs", false)]
    [InlineData("svc:tka", false)]
    [InlineData("autogroup:self", false)]
    [InlineData("alice@example.com", false)]
    public void A_destination_must_cover_the_TKA_node(string destination, bool covers) =>
        Assert.Equal(covers ? "a,b,c" : "", Holders($$$"""{"src": ["*"], "dst": ["{{{destination}}}"], "app": {"example.com/cap": [1]}}"""));

    [Fact]
    public void Values_of_several_grants_are_one_list_in_policy_order()
    {
        var view = View("""
            {"src": ["group:sre"], "dst": ["tag:tka"], "app": {"example.com/cap": [{"n": 1}, {"n": 2}], "example.com/other": []}},
            {"src": ["tag:ci"], "dst": ["tag:tka"], "app": {"example.com/cap": [{"n": 3}]}},
            {"src": ["*"], "dst": ["*"], "app": {"example.com/cap": [{"n": 4}]}}
            """);

        var capabilities = view.CapabilitiesOf(view.ByLoopback(IPAddress.Parse("127.0.0.1"))!)!;
        Assert.Equal("1,2,4", string.Join(',', capabilities["example.com/cap"].Select(value => value!["n"]!.ToString())));
        Assert.Empty(capabilities["example.com/other"]);
    }

    [Fact]
    public void A_grant_of_network_access_alone_gives_no_capability() =>
        Assert.Equal("", Holders("""{"src": ["*"], "dst": ["*"], "ip": ["*"]}"""));

    [Fact]
    public void A_device_whose_owner_changes_is_another_node()
    {
        static TailnetNode Node(string user) => View(
            PolicyReader.Read("""{"devices": {"127.0.0.1": {"name": "a", "user": "USER"}}}""".Replace("USER", user, StringComparison.Ordinal))).Peers.Single();

        Assert.Equal(Node("alice@example.com").StableId, Node("alice@example.com").StableId);
        Assert.NotEqual(Node("alice@example.com").StableId, Node("bob@example.com").StableId);
        Assert.Equal(Node("alice@example.com").Addresses, Node("bob@example.com").Addresses);
    }

    [Fact]
    public void The_default_policy_is_one()
    {
        var view = View(PolicyReader.Read(PolicyStore.DefaultPolicy));

        Assert.Equal(["laptop-alice", "laptop-bob", "laptop-carol", "ci", "laptop-other-alice", "laptop-dave", "tka-dev"], view.Peers.Select(peer => peer.Name));
        Assert.Null(view.CapabilitiesOf(view.ByLoopback(IPAddress.Parse("127.0.0.3"))!));
        Assert.NotNull(view.CapabilitiesOf(view.ByLoopback(IPAddress.Parse("127.0.0.5"))!));
    }

    [Theory]
    [InlineData("""{"grant": []}""", 2, "no section")]
    [InlineData("""{"groups": []}""", 12, "groups must be an object, not a list")]
    [InlineData("""{"groups": {"sre": []}}""", 13, "must start with \"group:\"")]
    [InlineData("""{"groups": {"group:sre": ["tag:ci"]}}""", 27, "no login name")]
    [InlineData("""{"tagOwners": {"tag:": []}}""", 16, "must start with \"tag:\"")]
    [InlineData("""{"tagOwners": {"tag:a": ["group:no"]}}""", 26, "not defined in groups")]
    [InlineData("""{"hosts": {"h": "10.0.0.300"}}""", 17, "neither an IP address nor a network")]
    [InlineData("""{"grants": [{"dst": ["*"], "ip": ["*"]}]}""", 13, "has no \"src\"")]
    [InlineData("""{"grants": [{"src": ["*"], "ip": ["*"]}]}""", 13, "has no \"dst\"")]
    [InlineData("""{"grants": [{"src": ["*"], "dst": ["*"]}]}""", 13, "gives nothing")]
    [InlineData("""{"grants": [{"src": "*", "dst": ["*"], "ip": ["*"]}]}""", 21, "src must be a list, not a string")]
    [InlineData("""{"grants": [{"src": ["group:no"], "dst": ["*"], "ip": ["*"]}]}""", 22, "not defined in groups")]
    [InlineData("""{"grants": [{"src": ["*"], "dst": ["tag:no"], "ip": ["*"]}]}""", 36, "no entry in tagOwners")]
    [InlineData("""{"grants": [{"src": ["alice"], "dst": ["*"], "ip": ["*"]}]}""", 22, "no login name, group")]
    [InlineData("""{"grants": [{"src": ["autogroup:owner"], "dst": ["*"], "ip": ["*"]}]}""", 22, "not known to the embedded tailnet")]
    [InlineData("""{"grants": [{"src": ["*"], "dst": ["*"], "app": {"tka": []}}]}""", 50, "no capability name")]
    [InlineData("""{"grants": [{"src": ["*"], "dst": ["*"], "app": {"tailscale.com/cap/tka": []}}]}""", 50, "Tailscale's own")]
    [InlineData("""{"grants": [{"src": ["*"], "dst": ["*"], "app": {"a.b/c": {}}}]}""", 59, "must be a list")]
    [InlineData("""{"grants": [{"src": ["*"], "dst": ["*"], "apps": {}}]}""", 42, "no field of a grant")]
    [InlineData("""{"devices": {"10.0.0.1": {"name": "a", "user": "a@b"}}}""", 14, "loopback address")]
    [InlineData("""{"devices": {"127.1": {"name": "a", "user": "a@b"}}}""", 14, "loopback address")]
    [InlineData("""{"devices": {"127.0.0.1": {"name": "a"}}}""", 27, "either a \"user\" or \"tags\"")]
    [InlineData("""{"devices": {"127.0.0.1": {"name": "a", "user": "a@b", "tags": ["tag:x"]}}}""", 65, "no entry in tagOwners")]
    [InlineData("""{"devices": {"127.0.0.1": {"user": "a@b"}}}""", 27, "needs a \"name\"")]
    [InlineData("""{"devices": {"127.0.0.1": {"name": "a", "user": "a@b", "expired": "no"}}}""", 67, "must be true or false")]
    [InlineData("""{"devices": {"127.0.0.1": {"name": "a", "login": "a@b"}}}""", 41, "no field of a device")]
    public void What_names_nothing_or_makes_no_sense_is_refused_with_its_place(string text, int column, string message)
    {
        var error = Assert.Throws<PolicyException>(() => PolicyReader.Read(text));

        Assert.Equal(new TextPosition(1, column), error.At);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static TailnetView View(string grants) =>
        View(PolicyReader.Read(Everything.Replace("GRANT", grants, StringComparison.Ordinal)));

    private static string Holders(string grant)
    {
        var view = View(grant);
        return string.Join(',', view.Peers.Where(peer => view.CapabilitiesOf(peer) is not null).Select(peer => peer.Name));
    }

    private static TailnetView View(PolicyFile policy) => new(policy, new EmbeddedTailnetOptions { SocketPath = "", PolicyPath = "" });
}

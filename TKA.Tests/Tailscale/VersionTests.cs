using System.Text.Json;
using TKA.Tailscale;
using TKA.Tailscale.Authentication;
using TKA.Tailscale.LocalApi;
using Xunit;

namespace TKA.Tests.Tailscale;

/// <summary>
/// One person on one device, as tailscaled from 1.80 (capability version 113) to 1.103 (145) writes them: the fields are what Tailscale's
/// source of each tag says of <c>tailcfg.Node</c>, <c>tailcfg.UserProfile</c>, <c>ipnstate.Status</c>, <c>ipnstate.PeerStatus</c> and
/// <c>ipn.Notify</c>. Of what TKA reads only <c>KeyExpiry</c> changed: 1.92 leaves it out where older ones write Go's zero time. No tag
/// after 1.102 was found; the last rows are 1.103 under development, and fields that no version has.
/// </summary>
public sealed class VersionTests
{
    // Without HomeDERP before 111; a key without expiry is Go's zero time up to 130; AllowedIPs may be null from 112 on.
    public static TheoryData<string, int, string> Nodes => new()
    {
        { "1.80.0", 113, """ "KeyExpiry":"0001-01-01T00:00:00Z","DERP":"127.3.3.40:1","AllowedIPs":["100.64.0.2/32"],"Endpoints":null,"Created":"2025-01-20T08:00:00.123456789Z" """ },
        { "1.82.5", 115, """ "KeyExpiry":"0001-01-01T00:00:00Z","HomeDERP":1,"AllowedIPs":null,"KeySignature":null,"Online":true """ },
        { "1.84.3", 116, """ "KeyExpiry":"0001-01-01T00:00:00Z","HomeDERP":1,"Hostinfo":{"OS":"linux","Hostname":"laptop"},"LastSeen":"2025-05-05T08:00:00Z" """ },
        { "1.86.5", 123, """ "KeyExpiry":"0001-01-01T00:00:00Z","HomeDERP":1,"Hostinfo":{"StateEncrypted":"false","ExitNodeID":""},"Sharer":0 """ },
        { "1.88.4", 125, """ "KeyExpiry":"0001-01-01T00:00:00Z","HomeDERP":1,"Capabilities":["https://tailscale.com/cap/ssh"],"CapMap":{"https":null} """ },
        { "1.90.9", 130, """ "KeyExpiry":"0001-01-01T00:00:00Z","HomeDERP":1,"CapMap":null,"Tags":null """ },
        // From 1.92 on every member that is zero is left out, KeyExpiry, Machine, DiscoKey, AllowedIPs, Hostinfo and Created included.
        { "1.92.5", 131, """ "HomeDERP":1,"MachineAuthorized":true """ },
        { "1.94.2", 131, """ "HomeDERP":1,"Online":false,"LastSeen":"2026-02-05T08:00:00Z" """ },
        { "1.96.5", 133, """ "HomeDERP":1,"Hostinfo":{},"ComputedNameWithHost":"laptop-alice" """ },
        { "1.98.10", 138, """ "HomeDERP":1,"CapMap":{"cache-network-maps":null} """ },
        { "1.100.0", 141, """ "HomeDERP":1,"CapMap":{"never-gso-equal-tail":[]} """ },
        { "1.102.3", 142, """ "HomeDERP":1,"Capabilities":["https://tailscale.com/cap/ssh"] """ },
        { "1.103.0", 145, """ "HomeDERP":900,"IsJailed":false """ },
        { "later", 999, """ "KeyExpiry":null,"FieldOfALaterVersion":{"a":[1,2,{"b":null}]} """ },
    };

    [Theory]
    [MemberData(nameof(Nodes))]
    public void A_peer_is_the_same_person_to_every_version(string version, int capability, string node)
    {
        var json = $$$"""
            {"Node":{"ID":2,"StableID":"n2CNTRL","Name":"laptop-alice.tail0test.ts.net.","ComputedName":"laptop-alice","User":7,"Cap":{{{capability}}},"Addresses":["100.64.0.2/32"],{{{node}}}},
             "UserProfile":{"ID":7,"LoginName":"alice@example.com","DisplayName":"Alice"{{{Profile(capability)}}}},
             "CapMap":{"{{{TailscaleOptions.DefaultCapName}}}":[{"role":"view","period":"8h"}],"https://tailscale.com/cap/is-admin":null}}
            """;

        var whoIs = JsonSerializer.Deserialize(json, LocalApiJsonContext.Default.WhoIsResponse)!;
        var peer = TailscalePeer.From(whoIs, TailscaleOptions.DefaultCapName);

        Assert.Equal(("alice@example.com", "laptop-alice", "n2CNTRL", false), (peer.LoginName, peer.NodeName, peer.NodeStableId, peer.IsTagged));
        Assert.Equal("100.64.0.2", Assert.Single(peer.Addresses).ToString());
        Assert.Equal("view", Assert.Single(peer.Rules.Items).Role);
        Assert.Null(whoIs.Node.KeyExpiry);
        Assert.False(whoIs.Node.Expired);
        Assert.False(string.IsNullOrEmpty(version));
    }

    // UserProfile has Roles up to 1.80, omits an empty ProfilePicURL from 1.82 on, and has Groups from 1.98 on.
    private static string Profile(int capability) => capability switch
    {
        < 115 => ",\"ProfilePicURL\":\"\",\"Roles\":[]",
        < 138 => "",
        _ => ",\"Groups\":[\"group:sre@example.com\"]",
    };

    // tailscaled writes null for an empty map of peers, leaves KeyExpiry out for a key that never expires, and may add fields that TKA does not know.
    [Theory]
    [InlineData("""{"Version":"1.80.0-t1","TUN":true,"BackendState":"Running","HaveNodeKey":true,"AuthURL":"","TailscaleIPs":["100.64.0.1"],"Self":{"ID":"n1","DNSName":"tka.tail0test.ts.net.","Online":true,"Created":"0001-01-01T00:00:00Z","LastSeen":"0001-01-01T00:00:00Z"},"ExitNodeStatus":null,"Health":null,"CertDomains":null,"Peer":null,"User":null,"ClientVersion":null}""")]
    [InlineData("""{"Version":"1.86.5-t1","TUN":true,"BackendState":"Running","HaveNodeKey":true,"TailscaleIPs":["100.64.0.1"],"Self":{"ID":"n1","DNSName":"tka.tail0test.ts.net.","Online":true,"PeerRelay":"","KeyExpiry":"2027-01-01T00:00:00Z","TaildropTarget":0},"Health":["some warning"],"CertDomains":["tka.tail0test.ts.net"],"Peer":{},"User":{"7":{"ID":7,"LoginName":"alice@example.com"}},"CurrentTailnet":{"Name":"example.com","MagicDNSSuffix":"tail0test.ts.net","MagicDNSEnabled":true}}""")]
    [InlineData("""{"Version":"1.100.0-t1","TUN":true,"BackendState":"Running","HaveNodeKey":true,"TailscaleIPs":["100.64.0.1"],"Self":{"ID":"n1","NodeID":1,"DNSName":"tka.tail0test.ts.net.","Online":true,"TailscaleIPs":null},"ExtraRecords":[{"Name":"tka.tail0test.ts.net","Value":"100.64.0.1"}],"Health":[],"CertDomains":null,"Peer":null,"User":null}""")]
    [InlineData("""{"Version":"1.103.0-t1","TUN":true,"BackendState":"Running","TailscaleIPs":["100.64.0.1"],"Self":{"ID":"n1","DNSName":"tka.tail0test.ts.net.","Online":true,"CapMap":{"https":null}},"Later":{"x":[]}}""")]
    public void The_status_of_every_version_says_who_this_node_is(string json)
    {
        var status = JsonSerializer.Deserialize(json, LocalApiJsonContext.Default.TailscaleStatus)!;

        Assert.Equal((TailscaleStatus.Running, true, "n1"), (status.BackendState, status.TUN, status.Self!.ID));
        Assert.True(status.Self.Online);
        Assert.Equal(0, status.Peer?.Count ?? 0);
    }

    // The first lines of the bus, and one of a change. Until 1.98 the map of the network comes with them; from 1.100 on a status may.
    [Theory]
    [InlineData("""{"Version":"1.86.5-t1","SessionID":"s","ErrMessage":null,"LoginFinished":null,"State":6,"Prefs":null,"NetMap":{"Name":"x","Peers":[]},"Engine":null,"BrowseToURL":null,"FilesWaiting":null,"ClientVersion":null}""")]
    [InlineData("""{"Version":"1.98.10-t1","SessionID":"s","ErrMessage":null,"LoginFinished":null,"State":6,"Prefs":null,"NetMap":null,"SelfChange":{"ID":1},"PeerChanges":[{"NodeID":2,"Online":true}]}""")]
    [InlineData("""{"Version":"1.100.0-t1","SessionID":"s","State":6,"InitialStatus":{"Version":"x","BackendState":"Running"},"PeersChanged":[],"PeersRemoved":[3],"UserProfiles":{"7":{"ID":7}}}""")]
    [InlineData("""{"Version":"1.102.3-t1","SessionID":"s","State":6,"PeerState":{"n2CNTRL":{}},"Policy":{"Summary":{}}}""")]
    public void The_bus_of_every_version_tells_the_state(string json)
    {
        var line = JsonSerializer.Deserialize(json, LocalApiJsonContext.Default.IpnNotification)!;

        Assert.Equal((6, "s", null), (line.State, line.SessionID, line.ErrMessage));
    }
}

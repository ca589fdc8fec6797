using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Tailnet.LocalApi;

/// <summary>Nodes and users in the shapes of <c>tailcfg.Node</c> and <c>ipnstate.PeerStatus</c>.</summary>
internal sealed class NodeJson(EmbeddedTailnetOptions options)
{
    private const string Created = "2026-01-02T03:04:05Z";
    private const int LastWithZeroTimes = 130;
    private const string Never = "0001-01-01T00:00:00Z";

    public JsonObject WhoIs(TailnetNode node, IReadOnlyDictionary<string, IReadOnlyList<JsonNode?>>? capabilities) => new()
    {
        ["Node"] = Node(node),
        ["UserProfile"] = User(node.User),
        ["CapMap"] = CapMap(capabilities),
    };

    public JsonObject Status(TailnetView view, string backendState, bool peers)
    {
        var running = backendState == "Running";
        var self = Peer(view.Self, running);
        return new JsonObject
        {
            ["Version"] = LocalApiGuard.Version,
            ["TUN"] = false,
            ["BackendState"] = backendState,
            ["HaveNodeKey"] = true,
            ["AuthURL"] = "",
            ["TailscaleIPs"] = Strings(view.Self.Addresses),
            ["Self"] = self,
            ["Health"] = running ? new JsonArray() : new JsonArray("Tailscale is stopped."),
            ["MagicDNSSuffix"] = TailnetNode.DnsSuffix,
            ["CurrentTailnet"] = new JsonObject
            {
                ["Name"] = "example.com",
                ["MagicDNSSuffix"] = TailnetNode.DnsSuffix,
                ["MagicDNSEnabled"] = true,
            },
            ["CertDomains"] = new JsonArray(view.Self.DnsName),
            ["Peer"] = peers ? new JsonObject(view.Peers.Select(peer => KeyValuePair.Create<string, JsonNode?>(peer.Key, Peer(peer, running)))) : null,
            ["User"] = peers ? Users(view) : null,
            ["ClientVersion"] = null,
        };
    }

    private JsonObject Node(TailnetNode node)
    {
        var json = new JsonObject
        {
            ["ID"] = node.Id,
            ["StableID"] = node.StableId,
            ["Name"] = $"{node.DnsName}.",
            ["User"] = node.User.Id,
            ["Key"] = node.Key,
        };
        if (KeyExpiry(node) is { } expiry)
        {
            json["KeyExpiry"] = expiry;
        }

        json["Addresses"] = Prefixes(node);
        json["AllowedIPs"] = Prefixes(node);
        json["Hostinfo"] = new JsonObject { ["OS"] = "linux", ["Hostname"] = node.Name, ["Userspace"] = true };
        json["Created"] = Created;
        json["Cap"] = options.CapabilityVersion;
        if (node.Tags.Count > 0)
        {
            json["Tags"] = Strings(node.Tags);
        }

        json["Online"] = true;
        json["MachineAuthorized"] = true;
        json["ComputedName"] = node.Name;
        json["ComputedNameWithHost"] = node.Name;
        if (node.Expired)
        {
            json["Expired"] = true;
        }

        return json;
    }

    private JsonObject Peer(TailnetNode node, bool online)
    {
        var json = new JsonObject
        {
            ["ID"] = node.StableId,
            ["PublicKey"] = node.Key,
            ["HostName"] = node.Name,
            ["DNSName"] = $"{node.DnsName}.",
            ["OS"] = "linux",
            ["UserID"] = node.User.Id,
            ["TailscaleIPs"] = Strings(node.Addresses),
            ["AllowedIPs"] = Prefixes(node),
        };
        if (node.Tags.Count > 0)
        {
            json["Tags"] = Strings(node.Tags);
        }

        json["Addrs"] = null;
        json["CurAddr"] = "";
        json["Relay"] = "";
        json["Created"] = Created;
        json["LastSeen"] = Never;
        json["Online"] = online;
        json["ExitNode"] = false;
        json["Active"] = false;
        json["InNetworkMap"] = true;
        json["InMagicSock"] = true;
        json["InEngine"] = true;
        if (node.Expired)
        {
            json["Expired"] = true;
        }

        if (KeyExpiry(node) is { } expiry)
        {
            json["KeyExpiry"] = expiry;
        }

        return json;
    }

    /// <summary>Keys of tagged nodes do not expire.</summary>
    private string? KeyExpiry(TailnetNode node) =>
        node.Tags.Count > 0 ? (options.CapabilityVersion <= LastWithZeroTimes ? Never : null) : node.Expired ? "2020-01-01T00:00:00Z" : "2099-01-01T00:00:00Z";

    private static JsonObject User(TailnetUser user) => new()
    {
        ["ID"] = user.Id,
        ["LoginName"] = user.LoginName,
        ["DisplayName"] = user.DisplayName,
    };

    private static JsonObject Users(TailnetView view)
    {
        var users = new JsonObject();
        foreach (var user in view.Peers.Append(view.Self).Select(node => node.User).DistinctBy(user => user.Id))
        {
            users[user.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)] = User(user);
        }

        return users;
    }

    private static JsonObject? CapMap(IReadOnlyDictionary<string, IReadOnlyList<JsonNode?>>? capabilities) => capabilities is null ? null : new JsonObject(
        capabilities.Select(capability => KeyValuePair.Create<string, JsonNode?>(capability.Key, new JsonArray([.. capability.Value.Select(value => value?.DeepClone())]))));

    private static JsonArray Prefixes(TailnetNode node) =>
        Strings(node.Addresses.Select(address => $"{address}/{(address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128)}"));

    private static JsonArray Strings<T>(IEnumerable<T> items) => new([.. items.Select(item => JsonValue.Create(item!.ToString()))]);
}

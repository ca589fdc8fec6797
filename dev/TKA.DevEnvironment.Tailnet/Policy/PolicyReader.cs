using System.Net;
using System.Net.Sockets;

namespace TKA.DevEnvironment.Tailnet.Policy;

/// <summary>Turns a parsed file into a policy, refusing what Tailscale's control plane would refuse, with the place.</summary>
internal static class PolicyReader
{
    private static readonly HashSet<string> IgnoredSections =
    [
        "acls", "autoApprovers", "defaultSrcPosture", "derpMap", "disableIPv4", "ipsets", "nodeAttrs", "oneCGNATRoute",
        "postures", "randomizeClientPort", "ssh", "sshTests", "tests",
    ];

    /// <exception cref="PolicyException">Not HuJSON, or not a policy.</exception>
    public static PolicyFile Read(string text)
    {
        var root = PolicyNodes.Object(HuJsonParser.Parse(text), "the policy");
        CheckSections(root);
        var groups = ReadGroups(root.Find("groups"));
        var tags = ReadTags(root.Find("tagOwners"));
        var hosts = ReadHosts(root.Find("hosts"));
        var selectors = new SelectorChecks(groups, tags, hosts);
        selectors.CheckTagOwners(root.Find("tagOwners"));
        return new PolicyFile
        {
            Groups = groups,
            Tags = tags,
            Hosts = hosts,
            Grants = ReadGrants(root.Find("grants"), selectors),
            Devices = DeviceReader.Read(root.Find("devices"), tags),
        };
    }

    private static void CheckSections(HuJsonObject root)
    {
        foreach (var member in root.Members)
        {
            if (member.Name is not ("groups" or "tagOwners" or "hosts" or "grants" or "devices") && !IgnoredSections.Contains(member.Name))
            {
                throw new PolicyException(member.At, $"\"{member.Name}\" is no section of a policy file");
            }
        }
    }

    private static Dictionary<string, IReadOnlyList<string>> ReadGroups(HuJsonNode? node)
    {
        var groups = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var member in PolicyNodes.Members(node, "groups"))
        {
            RequirePrefix(member, "group:");
            var people = PolicyNodes.Strings(member.Value, member.Name);
            foreach (var person in people)
            {
                if (!person.Text.Contains('@', StringComparison.Ordinal))
                {
                    throw new PolicyException(person.At, $"\"{person.Text}\" is no login name; groups hold people, not groups or tags");
                }
            }

            groups.Add(member.Name, [.. people.Select(person => person.Text)]);
        }

        return groups;
    }

    private static HashSet<string> ReadTags(HuJsonNode? node)
    {
        var tags = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in PolicyNodes.Members(node, "tagOwners"))
        {
            RequirePrefix(member, "tag:");
            tags.Add(member.Name);
        }

        return tags;
    }

    private static Dictionary<string, IPNetwork> ReadHosts(HuJsonNode? node)
    {
        var hosts = new Dictionary<string, IPNetwork>(StringComparer.Ordinal);
        foreach (var member in PolicyNodes.Members(node, "hosts"))
        {
            var value = PolicyNodes.String(member.Value, $"the address of {member.Name}");
            hosts.Add(member.Name, Selectors.TryNetwork(value.Text, out var network)
                ? network
                : throw new PolicyException(value.At, $"\"{value.Text}\" is neither an IP address nor a network like 10.0.0.0/8"));
        }

        return hosts;
    }

    private static List<Grant> ReadGrants(HuJsonNode? node, SelectorChecks selectors)
    {
        var grants = new List<Grant>();
        foreach (var item in node is null ? [] : PolicyNodes.Array(node, "grants").Items)
        {
            var grant = PolicyNodes.Object(item, "a grant");
            foreach (var member in grant.Members)
            {
                if (member.Name is not ("src" or "dst" or "ip" or "app" or "srcPosture" or "via"))
                {
                    throw new PolicyException(member.At, $"\"{member.Name}\" is no field of a grant");
                }
            }

            var source = PolicyNodes.Strings(grant.Find("src") ?? throw new PolicyException(grant.At, "the grant has no \"src\""), "src");
            var destination = PolicyNodes.Strings(grant.Find("dst") ?? throw new PolicyException(grant.At, "the grant has no \"dst\""), "dst");
            if (grant.Find("ip") is null && grant.Find("app") is null)
            {
                throw new PolicyException(grant.At, "the grant gives nothing: it needs \"ip\", \"app\" or both");
            }

            selectors.CheckSource(source);
            selectors.CheckDestination(destination);
            grants.Add(new Grant([.. source.Select(s => s.Text)], [.. destination.Select(s => s.Text)], ReadApp(grant.Find("app"))));
        }

        return grants;
    }

    private static Dictionary<string, HuJsonArray> ReadApp(HuJsonNode? node)
    {
        var app = new Dictionary<string, HuJsonArray>(StringComparer.Ordinal);
        foreach (var member in PolicyNodes.Members(node, "app"))
        {
            var slash = member.Name.IndexOf('/', StringComparison.Ordinal);
            if (slash <= 0 || slash == member.Name.Length - 1 || !member.Name[..slash].Contains('.', StringComparison.Ordinal))
            {
                throw new PolicyException(member.At, $"\"{member.Name}\" is no capability name; it must be a domain and a path, like example.com/cap/app");
            }

            if (member.Name[..slash].Equals("tailscale.com", StringComparison.OrdinalIgnoreCase))
            {
                throw new PolicyException(member.At, $"\"{member.Name}\": the domain tailscale.com is Tailscale's own");
            }

            app.Add(member.Name, PolicyNodes.Array(member.Value, $"the values of {member.Name}"));
        }

        return app;
    }

    private static void RequirePrefix(HuJsonMember member, string prefix)
    {
        if (!member.Name.StartsWith(prefix, StringComparison.Ordinal) || member.Name.Length == prefix.Length)
        {
            throw new PolicyException(member.At, $"\"{member.Name}\" must start with \"{prefix}\"");
        }
    }

    /// <summary>Reads the <c>devices</c> block.</summary>
    private static class DeviceReader
    {
        public static Dictionary<IPAddress, PolicyDevice> Read(HuJsonNode? node, IReadOnlySet<string> tags)
        {
            var devices = new Dictionary<IPAddress, PolicyDevice>();
            foreach (var member in PolicyNodes.Members(node, "devices"))
            {
                if (!IPAddress.TryParse(member.Name, out var address) || !IsUsable(address) || address.ToString() != member.Name)
                {
                    throw new PolicyException(member.At, $"\"{member.Name}\" must be a loopback address, 127.0.0.1 to 127.0.255.254");
                }

                devices.Add(address, ReadDevice(member, tags));
            }

            return devices;
        }

        private static bool IsUsable(IPAddress address) =>
            address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [127, 0, _, > 0 and < 255];

        private static PolicyDevice ReadDevice(HuJsonMember member, IReadOnlySet<string> known)
        {
            var device = PolicyNodes.Object(member.Value, "a device");
            foreach (var field in device.Members)
            {
                if (field.Name is not ("name" or "user" or "displayName" or "tags" or "expired" or "self"))
                {
                    throw new PolicyException(field.At, $"\"{field.Name}\" is no field of a device; there are name, user, displayName, tags, expired and self");
                }
            }

            var tags = device.Find("tags") is { } list ? PolicyNodes.Strings(list, "tags") : [];
            foreach (var tag in tags)
            {
                if (!known.Contains(tag.Text))
                {
                    throw new PolicyException(tag.At, $"\"{tag.Text}\" has no entry in tagOwners");
                }
            }

            var isSelf = PolicyNodes.Flag(device.Find("self"), "self");
            var user = device.Find("user") is { } login ? PolicyNodes.String(login, "user").Text : "";
            if (!isSelf && (user.Length == 0) == (tags.Count == 0))
            {
                throw new PolicyException(device.At, "a device has either a \"user\" or \"tags\"");
            }

            var name = device.Find("name") is { } text ? PolicyNodes.String(text, "name").Text : "";
            if (!isSelf && (name.Length is 0 or > 63 || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')))
            {
                throw new PolicyException(device.At, "a device needs a \"name\" of lower-case letters, digits and hyphens");
            }

            return new PolicyDevice
            {
                Name = name,
                User = user,
                DisplayName = device.Find("displayName") is { } display ? PolicyNodes.String(display, "displayName").Text : user.Split('@')[0],
                Tags = [.. tags.Select(tag => tag.Text)],
                Expired = PolicyNodes.Flag(device.Find("expired"), "expired"),
                IsSelf = isSelf,
            };
        }
    }
}

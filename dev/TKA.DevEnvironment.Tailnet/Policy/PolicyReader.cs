using System.Net;
using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Tailnet.Policy;

/// <summary>Turns a parsed file into a policy, refusing what Tailscale's control plane would refuse, with the place.</summary>
internal static class PolicyReader
{
    /// <summary>The sections that count, then those of Tailscale that mean nothing here.</summary>
    private static readonly string[] Sections =
    [
        "groups", "tagOwners", "hosts", "grants", "devices",
        "acls", "autoApprovers", "defaultSrcPosture", "derpMap", "disableIPv4", "ipsets", "nodeAttrs", "oneCGNATRoute",
        "postures", "randomizeClientPort", "ssh", "sshTests", "tests",
    ];

    /// <exception cref="PolicyException">Not HuJSON, or not a policy.</exception>
    public static PolicyFile Read(string text)
    {
        var root = PolicyNodes.Object(HuJsonParser.Parse(text), "the policy");
        PolicyNodes.RequireKnown(root, "section of a policy file", Sections);
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
            PolicyNodes.RequireKnown(grant, "field of a grant", "src", "dst", "ip", "app", "srcPosture", "via");
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

    private static Dictionary<string, JsonArray> ReadApp(HuJsonNode? node)
    {
        var app = new Dictionary<string, JsonArray>(StringComparer.Ordinal);
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

            app.Add(member.Name, (JsonArray)PolicyNodes.Array(member.Value, $"the values of {member.Name}").Json!);
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
}

using System.Net;

namespace TKA.DevEnvironment.Tailnet.Policy;

/// <summary>Refuses selectors that name nothing, as the control plane does: a typing error must not become a grant that matches no node.</summary>
internal sealed class SelectorChecks(
    IReadOnlyDictionary<string, IReadOnlyList<string>> groups, IReadOnlySet<string> tags, IReadOnlyDictionary<string, IPNetwork> hosts)
{
    public void CheckSource(IEnumerable<HuJsonNode> selectors)
    {
        foreach (var selector in selectors)
        {
            if (selector.Text is not ("*" or "autogroup:member" or "autogroup:tagged" or "autogroup:danger-all"))
            {
                CheckNamed(selector);
            }
        }
    }

    public void CheckDestination(IEnumerable<HuJsonNode> selectors)
    {
        foreach (var selector in selectors)
        {
            if (selector.Text is not ("*" or "autogroup:self" or "autogroup:internet" or "autogroup:member" or "autogroup:tagged")
                && !selector.Text.StartsWith("svc:", StringComparison.Ordinal))
            {
                CheckNamed(selector);
            }
        }
    }

    public void CheckTagOwners(HuJsonNode? node)
    {
        foreach (var member in PolicyNodes.Members(node, "tagOwners"))
        {
            foreach (var owner in PolicyNodes.Strings(member.Value, member.Name))
            {
                if (!owner.Text.StartsWith("autogroup:", StringComparison.Ordinal))
                {
                    CheckNamed(owner);
                }
            }
        }
    }

    private void CheckNamed(HuJsonNode selector)
    {
        var text = selector.Text;
        var problem = text switch
        {
            _ when text.StartsWith("group:", StringComparison.Ordinal) => groups.ContainsKey(text) ? null : $"\"{text}\" is not defined in groups",
            _ when text.StartsWith("tag:", StringComparison.Ordinal) => tags.Contains(text) ? null : $"\"{text}\" has no entry in tagOwners",
            _ when text.StartsWith("autogroup:", StringComparison.Ordinal) => $"\"{text}\" is not known to the embedded tailnet",
            _ when text.Contains('@', StringComparison.Ordinal) || hosts.ContainsKey(text) || Selectors.TryNetwork(text, out _) => null,
            _ => $"\"{text}\" is no login name, group, tag, host, address or network",
        };
        if (problem is not null)
        {
            throw new PolicyException(selector.At, problem);
        }
    }
}

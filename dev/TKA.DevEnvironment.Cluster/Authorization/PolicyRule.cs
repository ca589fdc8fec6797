using System.Text;
using TKA.DevEnvironment.Cluster.Admission;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>One rule of a Role or ClusterRole (https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/role-v1/).</summary>
internal sealed record PolicyRule(
    IReadOnlyList<string> Verbs,
    IReadOnlyList<string> ApiGroups,
    IReadOnlyList<string> Resources,
    IReadOnlyList<string> ResourceNames,
    IReadOnlyList<string> NonResourceUrls)
{
    private const string All = "*";

    /// <summary>Reads <c>rules[]</c> of a role.</summary>
    public static IReadOnlyList<PolicyRule> ReadRules(JsonObject role) => [.. role.Objects("rules").Select(Read)];

    /// <summary>Reads one rule.</summary>
    public static PolicyRule Read(JsonObject rule) => new(
        rule.Texts("verbs"),
        rule.Texts("apiGroups"),
        rule.Texts("resources"),
        rule.Texts("resourceNames"),
        rule.Texts("nonResourceURLs"));

    /// <summary>Whether the rule allows a request.</summary>
    public bool Allows(RequestInfo request)
    {
        if (!Has(Verbs, request.Verb))
        {
            return false;
        }

        return request.IsResourceRequest
            ? Has(ApiGroups, request.ApiGroup)
                && HasResource(request.Resource, request.Subresource)
                && (ResourceNames.Count == 0 || ResourceNames.Contains(request.Name))
            : HasUrl(request.Path);
    }

    /// <summary>
    /// Splits into rules of one verb on one thing each, so that rules can be compared: everything a rule grants is held when
    /// some other rule <see cref="Covers"/> each part.
    /// </summary>
    public IEnumerable<PolicyRule> Split()
    {
        foreach (var verb in Verbs)
        {
            foreach (var group in ApiGroups)
            {
                foreach (var resource in Resources)
                {
                    if (ResourceNames.Count == 0)
                    {
                        yield return new([verb], [group], [resource], [], []);
                    }

                    foreach (var name in ResourceNames)
                    {
                        yield return new([verb], [group], [resource], [name], []);
                    }
                }
            }

            foreach (var url in NonResourceUrls)
            {
                yield return new([verb], [], [], [], [url]);
            }
        }
    }

    /// <summary>Whether this rule grants everything that <paramref name="part"/>, one of <see cref="Split"/>, grants.</summary>
    public bool Covers(PolicyRule part)
    {
        if (!Has(Verbs, part.Verbs[0]))
        {
            return false;
        }

        if (part.NonResourceUrls is [var url])
        {
            return HasUrl(url);
        }

        var slash = part.Resources[0].IndexOf('/', StringComparison.Ordinal);
        var (resource, subresource) = slash < 0 ? (part.Resources[0], "") : (part.Resources[0][..slash], part.Resources[0][(slash + 1)..]);
        return Has(ApiGroups, part.ApiGroups[0])
            && HasResource(resource, subresource)
            && (ResourceNames.Count == 0 || (part.ResourceNames is [var name] && ResourceNames.Contains(name)));
    }

    /// <summary>The rule as JSON, empty members left out.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["verbs"] = Verbs.ToJsonArray() };
        if (ApiGroups.Count > 0)
        {
            json["apiGroups"] = ApiGroups.ToJsonArray();
        }

        if (Resources.Count > 0)
        {
            json["resources"] = Resources.ToJsonArray();
        }

        if (ResourceNames.Count > 0)
        {
            json["resourceNames"] = ResourceNames.ToJsonArray();
        }

        if (NonResourceUrls.Count > 0)
        {
            json["nonResourceURLs"] = NonResourceUrls.ToJsonArray();
        }

        return json;
    }

    /// <summary>The form in which refusals name a rule: <c>{APIGroups:[""], Resources:["pods"], Verbs:["get"]}</c>.</summary>
    public string ToCompactString()
    {
        var text = new StringBuilder("{");
        Append("APIGroups", ApiGroups);
        Append("Resources", Resources);
        Append("NonResourceURLs", NonResourceUrls);
        Append("ResourceNames", ResourceNames);
        Append("Verbs", Verbs);
        return text.Append('}').ToString();

        void Append(string label, IReadOnlyList<string> values)
        {
            if (values.Count == 0)
            {
                return;
            }

            if (text.Length > 1)
            {
                text.Append(", ");
            }

            text.Append(label).Append(':').Append(GoText.List(values));
        }
    }

    private static bool Has(IReadOnlyList<string> values, string value)
    {
        foreach (var candidate in values)
        {
            if (candidate == All || candidate == value)
            {
                return true;
            }
        }

        return false;
    }

    private bool HasResource(string resource, string subresource)
    {
        foreach (var candidate in Resources)
        {
            if (candidate == All)
            {
                return true;
            }

            if (subresource.Length == 0)
            {
                if (candidate == resource)
                {
                    return true;
                }

                continue;
            }

            var slash = candidate.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0 || !candidate.AsSpan(slash + 1).SequenceEqual(subresource))
            {
                continue;
            }

            var parent = candidate.AsSpan(0, slash);
            if (parent.SequenceEqual(All) || parent.SequenceEqual(resource))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasUrl(string path)
    {
        foreach (var candidate in NonResourceUrls)
        {
            if (candidate == All || candidate == path)
            {
                return true;
            }

            if (candidate.EndsWith('*') && path.AsSpan().TrimEnd('*').StartsWith(candidate.AsSpan(0, candidate.Length - 1)))
            {
                return true;
            }
        }

        return false;
    }
}

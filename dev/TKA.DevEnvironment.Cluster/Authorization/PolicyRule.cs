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
    public bool Allows(RequestInfo request) =>
        Has(Verbs, request.Verb)
        && (request.IsResourceRequest
            ? Has(ApiGroups, request.ApiGroup)
                && HasResource(request.Subresource.Length == 0 ? request.Resource : $"{request.Resource}/{request.Subresource}")
                && (ResourceNames.Count == 0 || ResourceNames.Contains(request.Name))
            : HasUrl(request.Path));

    /// <summary>
    /// Splits into rules of one verb on one thing each, so that rules can be compared: everything a rule grants is held when
    /// some other rule <see cref="Covers"/> each part.
    /// </summary>
    public IEnumerable<PolicyRule> Split() => Verbs.SelectMany(verb =>
        (from @group in ApiGroups
         from resource in Resources
         from names in ResourceNames.Count == 0 ? [[]] : ResourceNames.Select(name => (string[])[name])
         select new PolicyRule([verb], [@group], [resource], names, []))
        .Concat(NonResourceUrls.Select(url => new PolicyRule([verb], [], [], [], [url]))));

    /// <summary>Whether this rule grants everything that <paramref name="part"/>, one of <see cref="Split"/>, grants.</summary>
    public bool Covers(PolicyRule part) =>
        Has(Verbs, part.Verbs[0])
        && (part.NonResourceUrls is [var url]
            ? HasUrl(url)
            : Has(ApiGroups, part.ApiGroups[0])
                && HasResource(part.Resources[0])
                && (ResourceNames.Count == 0 || (part.ResourceNames is [var name] && ResourceNames.Contains(name))));

    /// <summary>The rule as JSON, empty members left out.</summary>
    public JsonObject ToJson() => new JsonObject { ["verbs"] = Verbs.ToJsonArray() }
        .With("apiGroups", ApiGroups.ToJsonArray())
        .With("resources", Resources.ToJsonArray())
        .With("resourceNames", ResourceNames.ToJsonArray())
        .With("nonResourceURLs", NonResourceUrls.ToJsonArray());

    /// <summary>The form in which refusals name a rule: <c>{APIGroups:[""], Resources:["pods"], Verbs:["get"]}</c>.</summary>
    public string ToCompactString()
    {
        (string Label, IReadOnlyList<string> Values)[] members =
        [
            ("APIGroups", ApiGroups), ("Resources", Resources), ("NonResourceURLs", NonResourceUrls), ("ResourceNames", ResourceNames), ("Verbs", Verbs),
        ];
        return $"{{{string.Join(", ", members.Where(member => member.Values.Count > 0).Select(member => $"{member.Label}:{GoText.List(member.Values)}"))}}}";
    }

    private static bool Has(IReadOnlyList<string> values, string value) => values.Contains(value) || values.Contains(All);

    /// <summary>Whether a resource, or a subresource as <c>pods/log</c>, is named, by itself, as <c>*/log</c> or as <c>*</c>.</summary>
    private bool HasResource(string resource)
    {
        var slash = resource.IndexOf('/', StringComparison.Ordinal);
        return Has(Resources, resource) || (slash >= 0 && Resources.Contains(All + resource[slash..]));
    }

    private bool HasUrl(string path) =>
        Has(NonResourceUrls, path)
        || NonResourceUrls.Any(url => url.EndsWith('*') && path.AsSpan().TrimEnd('*').StartsWith(url.AsSpan(0, url.Length - 1)));
}

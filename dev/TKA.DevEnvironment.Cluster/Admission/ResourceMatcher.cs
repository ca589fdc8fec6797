using TKA.DevEnvironment.Cluster.Selection;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// <c>matchConstraints</c> of a policy or <c>matchResources</c> of a binding: which requests it is about
/// (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/).
/// </summary>
internal sealed class ResourceMatcher
{
    private readonly IReadOnlyList<Rule> _rules;
    private readonly JsonNode? _namespaceSelector;
    private readonly JsonNode? _objectSelector;

    public ResourceMatcher(JsonNode? match)
    {
        _rules = [.. match.Objects("resourceRules").Select(rule => new Rule(rule))];
        _namespaceSelector = match.At("namespaceSelector");
        _objectSelector = match.At("objectSelector");
    }

    /// <summary>
    /// Whether a request is matched. No rules match everything, as in a binding that does not narrow its policy. A kind has one
    /// version here, so <c>matchPolicy</c> makes no difference.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="objects">Stored objects, for the labels of namespaces.</param>
    public bool Matches(AdmissionRequest request, ObjectStore objects) =>
        (_rules.Count == 0 || _rules.Any(rule => rule.Matches(request)))
        && MatchesNamespace(request, objects)
        && (MatchesLabels(request.Object) || MatchesLabels(request.OldObject));

    private bool MatchesNamespace(AdmissionRequest request, ObjectStore objects)
    {
        if (_namespaceSelector is null or JsonObject { Count: 0 })
        {
            return true;
        }

        var info = request.Request;
        if (info is { ApiGroup: "", Resource: "namespaces", Subresource: "" })
        {
            return StructuredLabelSelector.Matches(_namespaceSelector, (request.Object ?? request.OldObject).At("metadata", "labels"));
        }

        return info.Namespace.Length == 0
            || StructuredLabelSelector.Matches(_namespaceSelector, objects.Get("", "namespaces", "", info.Namespace).At("metadata", "labels"));
    }

    private bool MatchesLabels(JsonObject? candidate) =>
        _objectSelector is null or JsonObject { Count: 0 } || (candidate is not null && StructuredLabelSelector.Matches(_objectSelector, candidate.At("metadata", "labels")));

    private sealed class Rule(JsonObject rule)
    {
        private readonly IReadOnlyList<string> _operations = rule.Texts("operations");
        private readonly IReadOnlyList<string> _groups = rule.Texts("apiGroups");
        private readonly IReadOnlyList<string> _versions = rule.Texts("apiVersions");
        private readonly IReadOnlyList<string> _resources = rule.Texts("resources");
        private readonly IReadOnlyList<string> _names = rule.Texts("resourceNames");
        private readonly string _scope = rule.Text("scope");

        public bool Matches(AdmissionRequest request)
        {
            var info = request.Request;
            return Has(_operations, request.Operation)
                && Has(_groups, info.ApiGroup)
                && Has(_versions, info.ApiVersion)
                && _resources.Any(resource => MatchesResource(resource, info.Resource, info.Subresource))
                && (_names.Count == 0 || _names.Contains(info.Name.Length > 0 ? info.Name : request.Object?.Name() ?? ""))
                && MatchesScope(info.Namespace.Length > 0 && info.Resource != "namespaces");
        }

        private bool MatchesScope(bool namespaced) => _scope switch
        {
            "Namespaced" => namespaced,
            "Cluster" => !namespaced,
            _ => true,
        };

        private static bool Has(IReadOnlyList<string> values, string value) => values.Contains("*") || values.Contains(value);

        // "*" is every resource, without subresources; "*/*" is both; "pods/*" is pods and all its subresources.
        private static bool MatchesResource(string pattern, string resource, string subresource)
        {
            var slash = pattern.IndexOf('/', StringComparison.Ordinal);
            var (main, sub) = slash < 0 ? (pattern, "") : (pattern[..slash], pattern[(slash + 1)..]);
            return (main == "*" || main == resource) && (sub == "*" || sub == subresource);
        }
    }
}

using TKA.DevEnvironment.Cluster.Selection;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>Computes the rules of ClusterRoles that are put together from others by label (<c>aggregationRule</c>).</summary>
internal static class ClusterRoleAggregation
{
    /// <summary>
    /// The rules an aggregated role must have, or null when it has them or is not aggregated. Rules of the selected roles in
    /// order of their names, duplicates left out.
    /// </summary>
    public static JsonArray? Outdated(JsonObject role, IEnumerable<JsonObject> allRoles)
    {
        if (role.At("aggregationRule") is not JsonObject aggregation)
        {
            return null;
        }

        var selectors = aggregation.Objects("clusterRoleSelectors");
        var rules = new JsonArray();
        foreach (var source in allRoles.OrderBy(source => source.Name(), StringComparer.Ordinal))
        {
            if (source.Name() == role.Name() || !selectors.Any(selector => StructuredLabelSelector.Matches(selector, source.At("metadata", "labels"))))
            {
                continue;
            }

            foreach (var rule in source.Objects("rules"))
            {
                if (!rules.Any(known => JsonNode.DeepEquals(known, rule)))
                {
                    rules.Add(rule.DeepClone());
                }
            }
        }

        return JsonNode.DeepEquals(rules, role["rules"] ?? new JsonArray()) ? null : rules;
    }
}

using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>Evaluates a <c>metav1.LabelSelector</c>: <c>matchLabels</c> and <c>matchExpressions</c>, all of which must hold.</summary>
internal static class LabelSelector
{
    /// <summary>Whether labels match; an empty or missing selector matches everything.</summary>
    public static bool Matches(JsonNode? selector, JsonNode? labels)
    {
        if (selector.At("matchLabels") is JsonObject wanted)
        {
            foreach (var label in wanted)
            {
                if (!Has(labels, label.Key) || labels.Text(label.Key) != wanted.Text(label.Key)) return false;
            }
        }

        return selector.Objects("matchExpressions").All(expression =>
        {
            var (key, values) = (expression.Text("key"), expression.Texts("values"));
            return expression.Text("operator") switch
            {
                "In" => Has(labels, key) && values.Contains(labels.Text(key)),
                "NotIn" => !Has(labels, key) || !values.Contains(labels.Text(key)),
                "Exists" => Has(labels, key),
                "DoesNotExist" => !Has(labels, key),
                _ => false,
            };
        });
    }

    private static bool Has(JsonNode? labels, string key) => labels is JsonObject map && map.ContainsKey(key);
}

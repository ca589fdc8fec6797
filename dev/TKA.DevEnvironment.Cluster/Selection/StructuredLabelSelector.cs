namespace TKA.DevEnvironment.Cluster.Selection;

/// <summary>A <c>metav1.LabelSelector</c> in an object: <c>matchLabels</c> and <c>matchExpressions</c>, all of which must hold.</summary>
internal static class StructuredLabelSelector
{
    private static readonly string[] Operators = ["In", "NotIn", "Exists", "DoesNotExist"];

    /// <summary>Whether labels match; an empty or missing selector matches everything.</summary>
    public static bool Matches(JsonNode? selector, JsonNode? labels)
    {
        if (selector.At("matchLabels") is JsonObject wanted)
        {
            foreach (var label in wanted)
            {
                if (!Has(labels, label.Key) || labels.Text(label.Key) != wanted.Text(label.Key))
                {
                    return false;
                }
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

    /// <summary>Adds what is wrong with a selector; false when something is.</summary>
    public static bool Validate(JsonNode? selector, string path, FieldErrors errors)
    {
        var before = errors.Causes.Count;
        foreach (var (key, value) in selector.At("matchLabels") as JsonObject ?? [])
        {
            errors.Check($"{path}.matchLabels", key, NameRules.QualifiedName(key));

            errors.Check($"{path}.matchLabels", value?.DeepClone(), NameRules.LabelValue(value?.GetValue<string>() ?? ""));
        }

        foreach (var (i, expression) in selector.Objects("matchExpressions").Index())
        {
            ValidateExpression(expression, $"{path}.matchExpressions[{i}]", errors);
        }

        return errors.Causes.Count == before;
    }

    private static void ValidateExpression(JsonObject expression, string path, FieldErrors errors)
    {
        var (key, relation, values) = (expression.Text("key"), expression.Text("operator"), expression.Texts("values"));
        if (!Operators.Contains(relation))
        {
            errors.Invalid($"{path}.operator", relation, "not a valid selector operator");
        }
        else if (relation is "In" or "NotIn" && values.Count == 0)
        {
            errors.Required($"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'");
        }
        else if (relation is "Exists" or "DoesNotExist" && values.Count > 0)
        {
            errors.Forbidden($"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }

        errors.Check($"{path}.key", key, NameRules.QualifiedName(key));

        for (var i = 0; i < values.Count; i++)
        {
            errors.Check($"{path}.values[{i}]", values[i], NameRules.LabelValue(values[i]));
        }
    }

    private static bool Has(JsonNode? labels, string key) => labels is JsonObject map && map.ContainsKey(key);
}

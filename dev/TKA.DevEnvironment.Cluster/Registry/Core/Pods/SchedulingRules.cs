using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Selection;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core.Pods;

/// <summary>Where a pod may run: node selectors, tolerations, affinity, spreading.</summary>
internal static class SchedulingRules
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    private static readonly HashSet<string> NodeOperators = ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"];

    /// <summary>Validates all of it.</summary>
    public static void Validate(JsonObject? spec, string path, FieldErrors errors)
    {
        FieldChecks.Labels(spec.Child("nodeSelector"), $"{path}.nodeSelector", errors);
        ValidateTolerations(spec, path, errors);
        ValidateAffinity(spec.Child("affinity"), $"{path}.affinity", errors);
        var index = 0;
        foreach (var constraint in spec.Objects("topologySpreadConstraints"))
        {
            var at = $"{path}.topologySpreadConstraints[{index++}]";
            if (constraint.Integer("maxSkew") is not > 0)
            {
                errors.Invalid($"{at}.maxSkew", constraint.Integer("maxSkew") ?? 0, "must be greater than zero");
            }

            ValidateTopologyKey(constraint, at, errors, qualified: false);
            if (constraint.Text("whenUnsatisfiable") is not ("DoNotSchedule" or "ScheduleAnyway") and var other)
            {
                errors.NotSupported($"{at}.whenUnsatisfiable", other, ["DoNotSchedule", "ScheduleAnyway"]);
            }

            StructuredLabelSelector.Validate(constraint["labelSelector"], $"{at}.labelSelector", errors);
        }
    }

    private static void ValidateTolerations(JsonObject? spec, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var toleration in spec.Objects("tolerations"))
        {
            var at = $"{path}.tolerations[{index++}]";
            var (key, relation, effect) = (toleration.Text("key"), toleration.Text("operator"), toleration.Text("effect"));
            if (key.Length > 0 && NameRules.QualifiedName(key) is { } badKey)
            {
                errors.Invalid($"{at}.key", key, badKey);
            }

            if (key.Length == 0 && relation != "Exists")
            {
                errors.Invalid($"{at}.operator", relation, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }

            if (toleration["tolerationSeconds"] is not null && effect != "NoExecute")
            {
                errors.Invalid($"{at}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
            }

            switch (relation)
            {
                case "Equal" or "":
                    if (NameRules.LabelValue(toleration.Text("value")) is { } badValue)
                    {
                        errors.Invalid($"{at}.operator", toleration.Text("value"), badValue);
                    }

                    break;
                case "Exists":
                    if (toleration.Text("value") is { Length: > 0 } value)
                    {
                        errors.Invalid($"{at}.operator", value, "value must be empty when `operator` is 'Exists'");
                    }

                    break;
                default:
                    errors.NotSupported($"{at}.operator", relation, ["Equal", "Exists"]);
                    break;
            }

            if (effect is not ("" or "NoSchedule" or "PreferNoSchedule" or "NoExecute"))
            {
                errors.NotSupported($"{at}.effect", effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"]);
            }
        }
    }

    private static void ValidateAffinity(JsonObject? affinity, string path, FieldErrors errors)
    {
        if (affinity.Child("nodeAffinity") is { } nodes)
        {
            ValidateNodes(nodes, $"{path}.nodeAffinity", errors);
        }

        foreach (var kind in (string[])["podAffinity", "podAntiAffinity"])
        {
            var pods = affinity.Child(kind);
            var index = 0;
            foreach (var term in pods.Objects(Required))
            {
                ValidatePodTerm(term, $"{path}.{kind}.{Required}[{index++}]", errors);
            }

            index = 0;
            foreach (var term in pods.Objects(Preferred))
            {
                var at = $"{path}.{kind}.{Preferred}[{index++}]";
                ValidateWeight(term, at, errors);
                ValidatePodTerm(term.Child("podAffinityTerm"), $"{at}.podAffinityTerm", errors);
            }
        }
    }

    private static void ValidateNodes(JsonObject nodes, string path, FieldErrors errors)
    {
        if (nodes.Child(Required) is { } required)
        {
            var at = $"{path}.{Required}.nodeSelectorTerms";
            var terms = required.Objects("nodeSelectorTerms");
            if (terms.Count == 0)
            {
                errors.Required(at, "must have at least one node selector term");
            }

            for (var i = 0; i < terms.Count; i++)
            {
                ValidateNodeTerm(terms[i], $"{at}[{i}]", errors);
            }
        }

        var index = 0;
        foreach (var term in nodes.Objects(Preferred))
        {
            var at = $"{path}.{Preferred}[{index++}]";
            ValidateWeight(term, at, errors);
            ValidateNodeTerm(term.Child("preference"), $"{at}.preference", errors);
        }
    }

    private static void ValidateNodeTerm(JsonObject? term, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var expression in term.Objects("matchExpressions"))
        {
            var at = $"{path}.matchExpressions[{index++}]";
            var (relation, count) = (expression.Text("operator"), expression.Strings("values").Count());
            if (!NodeOperators.Contains(relation))
            {
                errors.Invalid($"{at}.operator", relation, "not a valid selector operator");
            }
            else if (relation is "In" or "NotIn" && count == 0)
            {
                errors.Required($"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'");
            }
            else if (relation is "Exists" or "DoesNotExist" && count > 0)
            {
                errors.Forbidden($"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
            }
            else if (relation is "Gt" or "Lt" && count != 1)
            {
                errors.Required($"{at}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
            }

            if (NameRules.QualifiedName(expression.Text("key")) is { } badKey)
            {
                errors.Invalid($"{at}.key", expression.Text("key"), badKey);
            }
        }
    }

    private static void ValidatePodTerm(JsonObject? term, string path, FieldErrors errors)
    {
        StructuredLabelSelector.Validate(term?["labelSelector"], $"{path}.labelSelector", errors);
        StructuredLabelSelector.Validate(term?["namespaceSelector"], $"{path}.namespaceSelector", errors);
        ValidateTopologyKey(term, path, errors, qualified: true);
    }

    private static void ValidateTopologyKey(JsonObject? obj, string path, FieldErrors errors, bool qualified)
    {
        var key = obj.Text("topologyKey");
        if (key.Length == 0)
        {
            errors.Required($"{path}.topologyKey", "can not be empty");
        }

        if ((qualified || key.Length > 0) && NameRules.QualifiedName(key) is { } problem)
        {
            errors.Invalid($"{path}.topologyKey", key, problem);
        }
    }

    private static void ValidateWeight(JsonObject term, string path, FieldErrors errors)
    {
        if (term.Integer("weight") is not (>= 1 and <= 100))
        {
            errors.Invalid($"{path}.weight", term.Integer("weight") ?? 0, "must be in the range 1-100");
        }
    }
}

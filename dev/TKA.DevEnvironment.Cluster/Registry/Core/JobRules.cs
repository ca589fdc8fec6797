using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>What Jobs and the Jobs of CronJobs have in common.</summary>
internal static class JobRules
{
    /// <summary>Fills in a job's defaults.</summary>
    public static void Default(JsonObject spec)
    {
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1;
        }

        spec["parallelism"] ??= 1;
        spec["backoffLimit"] ??= spec["backoffLimitPerIndex"] is null ? 6 : int.MaxValue;
        spec["completionMode"] ??= "NonIndexed";
        spec["suspend"] ??= false;
        spec["manualSelector"] ??= false;
        spec["podReplacementPolicy"] ??= spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed";
        PodRules.Default(spec.ChildOrNew("template").ChildOrNew("spec"));
    }

    /// <summary>Validates a job's spec: its pods must be able to end.</summary>
    public static void Validate(JsonObject? spec, string path, FieldErrors errors)
    {
        FieldChecks.NonNegative(
            spec, path, errors, "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes");
        var indexed = spec.Text("completionMode") == "Indexed";
        FieldChecks.OneOf(spec, path, "completionMode", errors, "NonIndexed", "Indexed");
        FieldChecks.OneOf(spec, path, "podReplacementPolicy", errors, "Failed", "TerminatingOrFailed");
        if (indexed && spec?["completions"] is null)
        {
            errors.Required($"{path}.completions", "when completion mode is Indexed");
        }

        if (spec?["maxFailedIndexes"] is not null && spec["backoffLimitPerIndex"] is null)
        {
            errors.Required($"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified");
        }

        foreach (var field in (string[])["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"])
        {
            if (!indexed && spec?[field] is { } value)
            {
                errors.Invalid($"{path}.{field}", value.DeepClone(), "requires indexed completion mode");
            }
        }

        if (spec.Text("managedBy") is { Length: > 0 } manager && (!manager.Contains('/', StringComparison.Ordinal) || NameRules.QualifiedName(manager) is not null))
        {
            errors.Invalid($"{path}.managedBy", manager, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        }

        var index = 0;
        foreach (var rule in spec.Child("podFailurePolicy").Objects("rules"))
        {
            var at = $"{path}.podFailurePolicy.rules[{index++}]";
            if (rule.Text("action") is not ("Count" or "FailIndex" or "FailJob" or "Ignore") and var action)
            {
                errors.NotSupported($"{at}.action", action, ["Count", "FailIndex", "FailJob", "Ignore"]);
            }

            if (rule["onExitCodes"] is null == (rule.Objects("onPodConditions").Count == 0))
            {
                errors.Invalid(at, rule, "specifying one of OnExitCodes and OnPodConditions is required");
            }
        }

        PodRules.ValidateTemplate(spec.Child("template"), $"{path}.template", errors);
        var policy = spec.Child("template").Child("spec").Text("restartPolicy");
        if (policy is not ("OnFailure" or "Never"))
        {
            errors.NotSupported($"{path}.template.spec.restartPolicy", policy, ["OnFailure", "Never"]);
        }
    }
}

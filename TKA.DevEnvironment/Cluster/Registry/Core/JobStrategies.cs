using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Jobs: pods that end, found by a label the server makes up.</summary>
internal sealed class JobStrategy : BuiltinStrategy
{
    private const string UidLabel = "batch.kubernetes.io/controller-uid";
    private const string NameLabel = "batch.kubernetes.io/job-name";

    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        var spec = obj.ChildOrNew("spec");
        JobRules.Default(spec);
        if (spec.Flag("manualSelector"))
        {
            return;
        }

        var uid = obj.Child("metadata").Text("uid");
        if (spec["selector"] is null)
        {
            spec["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { [UidLabel] = uid } };
        }

        var labels = spec.ChildOrNew("template").ChildOrNew("metadata").ChildOrNew("labels");
        labels[UidLabel] ??= uid;
        labels[NameLabel] ??= obj.Child("metadata").Text("name");
    }

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors) => JobRules.Validate(obj.Child("spec"), "spec", errors);

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        foreach (var field in (string[])["selector", "template", "completionMode"])
        {
            errors.Immutable($"spec.{field}", obj.Child("spec")?[field], old.Child("spec")?[field]);
        }
    }
}

/// <summary>CronJobs. Nothing runs them here.</summary>
internal sealed class CronJobStrategy : BuiltinStrategy
{
    private static readonly string[] Policies = ["Allow", "Forbid", "Replace"];

    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        var spec = obj.ChildOrNew("spec");
        spec["concurrencyPolicy"] ??= "Allow";
        spec["suspend"] ??= false;
        spec["successfulJobsHistoryLimit"] ??= 3;
        spec["failedJobsHistoryLimit"] ??= 1;
        var template = spec.ChildOrNew("jobTemplate").ChildOrNew("spec").ChildOrNew("template");
        PodRules.Default(template.ChildOrNew("spec"));
    }

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        var schedule = spec.Text("schedule");
        if (schedule.Length > 0 && !schedule.StartsWith('@') && schedule.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length != 5)
        {
            errors.Invalid("spec.schedule", schedule, "expected exactly 5 fields");
        }

        if (!Policies.Contains(spec.Text("concurrencyPolicy")))
        {
            errors.NotSupported("spec.concurrencyPolicy", spec.Text("concurrencyPolicy"), Policies);
        }

        JobRules.Validate(spec.Child("jobTemplate").Child("spec"), "spec.jobTemplate.spec", errors);
    }
}

/// <summary>What Jobs and the Jobs of CronJobs have in common.</summary>
internal static class JobRules
{
    /// <summary>Fills in defaults.</summary>
    public static void Default(JsonObject spec)
    {
        spec["parallelism"] ??= 1;
        spec["completions"] ??= 1;
        spec["backoffLimit"] ??= 6;
        spec["completionMode"] ??= "NonIndexed";
        spec["suspend"] ??= false;
        PodRules.Default(spec.ChildOrNew("template").ChildOrNew("spec"));
    }

    /// <summary>Validates a job's spec: its pods must be able to end.</summary>
    public static void Validate(JsonObject? spec, string path, FieldErrors errors)
    {
        var pod = spec.Child("template").Child("spec");
        PodRules.Validate(pod, $"{path}.template.spec", errors);
        if (pod.Text("restartPolicy") is not ("OnFailure" or "Never"))
        {
            errors.NotSupported($"{path}.template.spec.restartPolicy", pod.Text("restartPolicy"), ["OnFailure", "Never"]);
        }

        foreach (var field in (string[])["parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"])
        {
            if (spec.Integer(field) is < 0 and var value)
            {
                errors.Invalid($"{path}.{field}", value, "must be greater than or equal to 0");
            }
        }
    }
}

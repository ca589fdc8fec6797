using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>CronJobs. Nothing runs them here.</summary>
internal sealed class CronJobStrategy : BuiltinStrategy
{
    private const int LongestName = 52; // What Jobs are named after it leaves no room for more.

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        base.PrepareForCreate(obj);
        obj["status"] = new JsonObject();
    }

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
    public override void ValidateCreate(JsonObject obj, FieldErrors errors)
    {
        if (obj.Name().Length > LongestName)
        {
            errors.Invalid("metadata.name", obj.Name(), "must be no more than 52 characters");
        }
    }

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        var schedule = spec.Text("schedule");
        if (schedule.Length == 0)
        {
            errors.Required("spec.schedule");
        }
        else if (CronSchedule.Problem(schedule) is { } problem)
        {
            errors.Invalid("spec.schedule", schedule, problem);
        }

        if (spec?["timeZone"] is not null)
        {
            ValidateTimeZone(spec.Text("timeZone"), schedule, errors);
        }

        FieldChecks.NonNegative(spec, "spec", errors, "startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit");
        FieldChecks.OneOf(spec, "spec", "concurrencyPolicy", errors, "Allow", "Forbid", "Replace");
        var job = spec.Child("jobTemplate").Child("spec");
        if (job.Flag("manualSelector"))
        {
            errors.NotSupported("spec.jobTemplate.spec.manualSelector", true, ["nil", "false"]);
        }

        if (job?["selector"] is { } selector)
        {
            errors.Invalid("spec.jobTemplate.spec.selector", selector.DeepClone(), "`selector` will be auto-generated");
        }

        JobRules.Validate(job, "spec.jobTemplate.spec", errors);
    }

    private static void ValidateTimeZone(string zone, string schedule, FieldErrors errors)
    {
        if (zone.Length == 0)
        {
            errors.Invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string");
        }
        else if (zone.Equals("Local", StringComparison.OrdinalIgnoreCase))
        {
            errors.Invalid("spec.timeZone", zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
        }
        else if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            errors.Invalid("spec.timeZone", zone, $"unknown time zone {zone}");
        }

        if (schedule.Contains("TZ", StringComparison.Ordinal))
        {
            errors.Invalid("spec.timeZone", zone, "cannot use both timeZone field and TZ or CRON_TZ in schedule");
        }
    }
}

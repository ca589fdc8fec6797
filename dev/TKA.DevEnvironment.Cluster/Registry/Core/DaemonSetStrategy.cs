using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>DaemonSets.</summary>
internal sealed class DaemonSetStrategy : WorkloadStrategy
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        base.Default(obj);
        var spec = obj.ChildOrNew("spec");
        spec["revisionHistoryLimit"] ??= 10;
        var strategy = spec.ChildOrNew("updateStrategy");
        strategy["type"] ??= "RollingUpdate";
        if (strategy.Text("type") == "RollingUpdate")
        {
            var rolling = strategy.ChildOrNew("rollingUpdate");
            rolling["maxUnavailable"] ??= 1;
            rolling["maxSurge"] ??= 0;
        }

        obj.ChildOrNew("metadata").ChildOrNew("annotations")["deprecated.daemonset.template.generation"] ??= "1";
    }

    /// <inheritdoc/>
    protected override JsonObject InitialStatus() => new()
    {
        ["currentNumberScheduled"] = 0,
        ["numberMisscheduled"] = 0,
        ["desiredNumberScheduled"] = 0,
        ["numberReady"] = 0,
    };

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        base.ValidateContent(obj, errors);
        var strategy = obj.Child("spec").Child("updateStrategy");
        switch (strategy.Text("type"))
        {
            case "OnDelete":
                break;
            case "RollingUpdate":
                var rolling = strategy.Child("rollingUpdate");
                RollingUpdateRules.Validate(rolling, "spec.updateStrategy.rollingUpdate", errors);
                var (surge, unavailable) = (RollingUpdateRules.IsZero(rolling?["maxSurge"]), RollingUpdateRules.IsZero(rolling?["maxUnavailable"]));
                if (surge && unavailable)
                {
                    errors.Required("spec.updateStrategy.rollingUpdate.maxUnavailable", "cannot be 0 when maxSurge is 0");
                }
                else if (!surge && !unavailable)
                {
                    errors.Invalid("spec.updateStrategy.rollingUpdate.maxSurge", rolling?["maxSurge"]?.DeepClone(), "may not be set when maxUnavailable is non-zero");
                }

                break;
            default:
                errors.NotSupported("spec.updateStrategy", strategy, ["RollingUpdate", "OnDelete"]);
                break;
        }
    }
}

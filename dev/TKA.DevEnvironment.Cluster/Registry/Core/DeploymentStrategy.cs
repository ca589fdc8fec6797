using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Deployments.</summary>
internal sealed class DeploymentStrategy : ReplicatedStrategy
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        base.Default(obj);
        var spec = obj.ChildOrNew("spec");
        spec["revisionHistoryLimit"] ??= 10;
        spec["progressDeadlineSeconds"] ??= 600;
        var strategy = spec.ChildOrNew("strategy");
        strategy["type"] ??= "RollingUpdate";
        if (strategy.Text("type") == "RollingUpdate")
        {
            var rolling = strategy.ChildOrNew("rollingUpdate");
            rolling["maxSurge"] ??= "25%";
            rolling["maxUnavailable"] ??= "25%";
        }
    }

    /// <inheritdoc/>
    protected override JsonObject InitialStatus() => [];

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        base.ValidateContent(obj, errors);
        var spec = obj.Child("spec");
        if (spec.Integer("progressDeadlineSeconds") is { } deadline && deadline <= (spec.Integer("minReadySeconds") ?? 0))
        {
            FieldChecks.NonNegative(spec, "spec", errors, "progressDeadlineSeconds");
            errors.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
        }

        var strategy = spec.Child("strategy");
        switch (strategy.Text("type"))
        {
            case "RollingUpdate":
                RollingUpdateRules.Validate(strategy.Child("rollingUpdate"), "spec.strategy.rollingUpdate", errors);
                if (RollingUpdateRules.IsZero(strategy.Child("rollingUpdate")?["maxSurge"]) && RollingUpdateRules.IsZero(strategy.Child("rollingUpdate")?["maxUnavailable"]))
                {
                    errors.Invalid("spec.strategy.rollingUpdate.maxUnavailable", 0, "may not be 0 when `maxSurge` is 0");
                }

                break;
            case "Recreate":
                if (strategy?["rollingUpdate"] is not null)
                {
                    errors.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
                }

                break;
            default:
                errors.NotSupported("spec.strategy", strategy, ["Recreate", "RollingUpdate"]);
                break;
        }
    }
}

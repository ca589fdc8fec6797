using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Selection;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>PodDisruptionBudgets.</summary>
internal sealed class DisruptionBudgetStrategy : BuiltinStrategy
{
    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject
    {
        ["disruptionsAllowed"] = 0,
        ["currentHealthy"] = 0,
        ["desiredHealthy"] = 0,
        ["expectedPods"] = 0,
    };

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        if (spec?["minAvailable"] is not null && spec["maxUnavailable"] is not null)
        {
            errors.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
        }

        foreach (var field in (string[])["minAvailable", "maxUnavailable"])
        {
            RollingUpdateRules.Validate(spec?[field], $"spec.{field}", atMostAll: true, errors);
        }

        StructuredLabelSelector.Validate(spec?["selector"], "spec.selector", errors);
        FieldChecks.OneOf(spec, "spec", "unhealthyPodEvictionPolicy", errors, "AlwaysAllow", "IfHealthyBudget");
    }
}

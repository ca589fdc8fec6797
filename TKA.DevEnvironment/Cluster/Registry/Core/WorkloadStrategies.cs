using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>What all workloads share: a selector that never changes and a pod template that it matches.</summary>
internal class WorkloadStrategy : BuiltinStrategy
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        var template = obj.ChildOrNew("spec").ChildOrNew("template");
        PodRules.Default(template.ChildOrNew("spec"));
    }

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        var template = spec.Child("template");
        PodRules.Validate(template.Child("spec"), "spec.template.spec", errors);
        if (spec.Child("selector") is not { } selector)
        {
            errors.Required("spec.selector");
            return;
        }

        if (selector.Child("matchLabels") is not { Count: > 0 } && selector.Items("matchExpressions") is not { Count: > 0 })
        {
            errors.Invalid("spec.selector", selector, "empty selector is invalid for deployment");
            return;
        }

        var labels = template.Child("metadata").Child("labels");
        foreach (var (key, value) in selector.Child("matchLabels") ?? [])
        {
            if (labels.Text(key) != value?.ToString())
            {
                errors.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
                return;
            }
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        errors.Immutable("spec.selector", obj.Child("spec")?["selector"], old.Child("spec")?["selector"]);
}

/// <summary>Workloads with <c>spec.replicas</c>.</summary>
internal class ReplicatedStrategy : WorkloadStrategy
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        base.Default(obj);
        var spec = obj.ChildOrNew("spec");
        if (spec["replicas"] is null)
        {
            spec["replicas"] = 1;
        }
    }

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        base.ValidateContent(obj, errors);
        if (obj.Child("spec").Integer("replicas") is < 0 and var replicas)
        {
            errors.Invalid("spec.replicas", replicas, "must be greater than or equal to 0");
        }
    }
}

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
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        base.ValidateContent(obj, errors);
        var strategy = obj.Child("spec").Child("strategy");
        switch (strategy.Text("type"))
        {
            case "RollingUpdate":
                break;
            case "Recreate":
                if (strategy?["rollingUpdate"] is not null)
                {
                    errors.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
                }

                break;
            case var other:
                errors.NotSupported("spec.strategy.type", other, ["Recreate", "RollingUpdate"]);
                break;
        }
    }
}

/// <summary>StatefulSets: little but replicas and template may change.</summary>
internal sealed class StatefulSetStrategy : ReplicatedStrategy
{
    private static readonly string[] Changeable =
        ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var (now, before) = (obj.Child("spec") ?? [], old.Child("spec") ?? []);
        if (now.Select(p => p.Key).Union(before.Select(p => p.Key)).Any(f => !Changeable.Contains(f) && !JsonNode.DeepEquals(now[f], before[f])))
        {
            errors.Forbidden("spec", $"updates to statefulset spec for fields other than {string.Join(", ", Changeable.Select(f => $"'{f}'"))} are forbidden");
        }
    }
}

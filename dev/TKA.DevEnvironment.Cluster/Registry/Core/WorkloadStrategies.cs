using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Selection;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>What all workloads share: a selector that never changes and a pod template that it matches, whose pods run for ever.</summary>
internal class WorkloadStrategy : BuiltinStrategy
{
    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        base.PrepareForCreate(obj);
        obj["status"] = InitialStatus();
    }

    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        var template = obj.ChildOrNew("spec").ChildOrNew("template");
        PodRules.Default(template.ChildOrNew("spec"));
    }

    /// <summary>Status before a controller has seen it.</summary>
    protected virtual JsonObject InitialStatus() => [];

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        var template = spec.Child("template");
        FieldChecks.NonNegative(spec, "spec", errors, "replicas", "minReadySeconds", "revisionHistoryLimit");
        ValidateSelector(spec.Child("selector"), template.Child("metadata").Child("labels"), errors);
        PodRules.ValidateTemplate(template, "spec.template", errors);
        if (template.Child("spec").Text("restartPolicy") is not "Always" and var policy)
        {
            errors.NotSupported("spec.template.spec.restartPolicy", policy, ["Always"]);
        }

        if (template.Child("spec")?["activeDeadlineSeconds"] is not null)
        {
            errors.Forbidden("spec.template.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported");
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        errors.Immutable("spec.selector", obj.Child("spec")?["selector"], old.Child("spec")?["selector"]);

    private void ValidateSelector(JsonObject? selector, JsonObject? labels, FieldErrors errors)
    {
        var valid = true;
        if (selector is null)
        {
            errors.Required("spec.selector");
        }
        else
        {
            valid = StructuredLabelSelector.Validate(selector, "spec.selector", errors);
            if (!valid)
            {
                errors.Invalid("spec.selector", selector, "invalid label selector");
            }

            if (selector.Child("matchLabels") is not { Count: > 0 } && selector.Items("matchExpressions") is not { Count: > 0 })
            {
                errors.Invalid("spec.selector", selector, $"empty selector is invalid for {TypeName.ToLowerInvariant()}");
                return;
            }
        }

        // An absent selector selects nothing, and so not the template.
        if (valid && (selector is null || !StructuredLabelSelector.Matches(selector, labels)))
        {
            errors.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
        }
    }
}

/// <summary>Workloads with <c>spec.replicas</c>.</summary>
internal class ReplicatedStrategy : WorkloadStrategy
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        base.Default(obj);
        obj.ChildOrNew("spec")["replicas"] ??= 1;
    }

    /// <inheritdoc/>
    protected override JsonObject InitialStatus() => new() { ["replicas"] = 0 };
}

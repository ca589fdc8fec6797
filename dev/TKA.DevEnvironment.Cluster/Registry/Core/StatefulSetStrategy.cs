using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>StatefulSets: little but replicas and template may change.</summary>
internal sealed class StatefulSetStrategy : ReplicatedStrategy
{
    private static readonly string[] Changeable =
        ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    /// <inheritdoc/>
    public override string? NameProblem(string name) => NameRules.Label(name);

    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        base.Default(obj);
        var spec = obj.ChildOrNew("spec");
        spec["revisionHistoryLimit"] ??= 10;
        spec["podManagementPolicy"] ??= "OrderedReady";
        var strategy = spec.ChildOrNew("updateStrategy");
        strategy["type"] ??= "RollingUpdate";
        if (strategy.Text("type") == "RollingUpdate")
        {
            strategy.ChildOrNew("rollingUpdate")["partition"] ??= 0;
        }

        var retention = spec.ChildOrNew("persistentVolumeClaimRetentionPolicy");
        retention["whenDeleted"] ??= "Retain";
        retention["whenScaled"] ??= "Retain";
        foreach (var claim in spec.Objects("volumeClaimTemplates"))
        {
            claim["apiVersion"] ??= "v1";
            claim["kind"] ??= "PersistentVolumeClaim";
            claim.ChildOrNew("spec")["volumeMode"] ??= "Filesystem";
            claim.ChildOrNew("status")["phase"] ??= "Pending";
        }
    }

    /// <inheritdoc/>
    protected override JsonObject InitialStatus() => new() { ["replicas"] = 0, ["availableReplicas"] = 0 };

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        base.ValidateContent(obj, errors);
        var spec = obj.Child("spec");
        if (spec.Text("podManagementPolicy") is not ("OrderedReady" or "Parallel") and var management)
        {
            errors.Invalid("spec.podManagementPolicy", management, "must be 'OrderedReady' or 'Parallel'");
        }

        if (spec.Text("serviceName") is { Length: > 0 } service && NameRules.Label(service) is { } problem)
        {
            errors.Invalid("spec.serviceName", service, problem);
        }

        var strategy = spec.Child("updateStrategy");
        if (strategy.Text("type") is not ("RollingUpdate" or "OnDelete"))
        {
            errors.Invalid("spec.updateStrategy", strategy, "must be 'RollingUpdate' or 'OnDelete'");
        }

        FieldChecks.NonNegative(strategy.Child("rollingUpdate"), "spec.updateStrategy.rollingUpdate", errors, "partition");
        foreach (var field in (string[])["whenDeleted", "whenScaled"])
        {
            FieldChecks.OneOf(spec.Child("persistentVolumeClaimRetentionPolicy"), "spec.persistentVolumeClaimRetentionPolicy", field, errors, "Retain", "Delete");
        }
    }

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

using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Pods. Nothing runs them here; they are objects to look at and to be allowed or forbidden.</summary>
internal sealed class PodStrategy : BuiltinStrategy
{
    /// <summary>What pods can be selected by.</summary>
    public static readonly IReadOnlySet<string> Fields = new HashSet<string>
    {
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
        "status.phase", "status.podIP", "status.nominatedNodeName",
    };

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj) =>
        obj["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = "BestEffort" };

    /// <inheritdoc/>
    public override void Default(JsonObject obj) => PodRules.Default(obj.ChildOrNew("spec"));

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors) => PodRules.Validate(obj.Child("spec"), "spec", errors);

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var (now, before) = (Mutable(obj.Child("spec")), Mutable(old.Child("spec")));
        if (!JsonNode.DeepEquals(now, before))
        {
            errors.Forbidden(
                "spec",
                "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)");
        }
    }

    /// <summary>A spec without what may change.</summary>
    private static JsonObject Mutable(JsonObject? spec)
    {
        var copy = (JsonObject?)spec?.DeepClone() ?? [];
        copy.Remove("activeDeadlineSeconds");
        copy.Remove("tolerations");
        foreach (var container in (copy.Items("containers") ?? []).Concat(copy.Items("initContainers") ?? []).OfType<JsonObject>())
        {
            container.Remove("image");
        }

        return copy;
    }
}

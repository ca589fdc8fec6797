using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Registry.Core.Pods;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Pods. Nothing runs them here; they are objects to look at and to be allowed or forbidden.</summary>
internal sealed class PodStrategy : BuiltinStrategy
{
    private static readonly string[] Counted = ["cpu", "memory"];

    /// <summary>What pods can be selected by.</summary>
    public static readonly IReadOnlySet<string> Fields = new HashSet<string>
    {
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
        "status.phase", "status.podIP", "status.nominatedNodeName",
    };

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj) =>
        obj["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QosClass(obj.Child("spec")) };

    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        var spec = obj.ChildOrNew("spec");
        PodRules.Default(spec);
        spec["enableServiceLinks"] ??= true;
        foreach (var container in PodDefaults.Containers(spec))
        {
            ResourceRules.DefaultRequests(container);
        }
    }

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors) => PodRules.Validate(obj.Child("spec"), "spec", errors);

    /// <inheritdoc/>
    public override void ValidateCreate(JsonObject obj, FieldErrors errors)
    {
        if (obj.Child("spec")?["ephemeralContainers"] is not null)
        {
            errors.Forbidden("spec.ephemeralContainers", "cannot be set on create");
        }
    }

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

    /// <summary>How much a pod can count on: everything it may use, some of it, or nothing.</summary>
    private static string QosClass(JsonObject? spec)
    {
        var resources = PodDefaults.Containers(spec).Select(c => c.Child("resources")).ToList();
        if (resources.TrueForAll(r => !Asks(r, "requests") && !Asks(r, "limits")))
        {
            return "BestEffort";
        }

        return resources.TrueForAll(r => Counted.All(name => Same(r.Child("limits")?[name], r.Child("requests")?[name]))) ? "Guaranteed" : "Burstable";
    }

    private static bool Asks(JsonObject? resources, string kind) => resources.Child(kind) is { } amounts && (amounts.ContainsKey("cpu") || amounts.ContainsKey("memory"));

    private static bool Same(JsonNode? limit, JsonNode? request) => limit is not null && Quantity.Parse(limit) == Quantity.Parse(request ?? limit);
}

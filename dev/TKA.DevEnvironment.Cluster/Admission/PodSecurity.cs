using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// Admission plugin <c>PodSecurity</c>: a namespace's labels <c>pod-security.kubernetes.io/enforce</c> and <c>warn</c> say which Pods it
/// takes. Templates of workloads are only warned of, as in a real cluster.
/// </summary>
internal sealed class PodSecurity(IObjectReader objects) : IAdmissionPlugin
{
    private const string LabelPrefix = "pod-security.kubernetes.io/";
    private static readonly string[] Workloads = ["cronjobs", "daemonsets", "deployments", "jobs", "replicasets", "statefulsets"];

    /// <inheritdoc/>
    public void Admit(AdmissionRequest request)
    {
        var info = request.Request;
        var isPod = info is { ApiGroup: "", Resource: "pods", Subresource: "" };
        if (request.Operation != "CREATE" || (!isPod && (info.ApiGroup is not ("apps" or "batch") || !Workloads.Contains(info.Resource))))
        {
            return;
        }

        var labels = objects.Get("", "namespaces", "", info.Namespace).At("metadata", "labels") as JsonObject;
        var spec = isPod ? request.Object.Child("spec") : request.Object.At("spec", "template", "spec") as JsonObject;
        if (isPod && Violation(labels, "enforce", spec) is { } violation)
        {
            throw Statuses.Forbidden(new GroupResource("", "pods"), request.Object!.Name(), $"violates PodSecurity {violation}");
        }

        if (Violation(labels, "warn", spec) is { } warning)
        {
            request.Warn?.Invoke($"would violate PodSecurity {warning}");
        }
    }

    /// <summary>Policy and reasons, for example <c>"restricted:latest": host namespaces (hostNetwork=true)</c>; null when there are none.</summary>
    private static string? Violation(JsonObject? labels, string mode, JsonObject? spec)
    {
        var level = labels.Text(LabelPrefix + mode);
        if (level is not ("baseline" or "restricted") || spec is null)
        {
            return null;
        }

        var version = labels.Text($"{LabelPrefix}{mode}-version") is { Length: > 0 } given ? given : "latest";
        var reasons = PodSecurityChecks.Evaluate(spec, level == "restricted").ToList();
        return reasons.Count == 0 ? null : $"\"{level}:{version}\": {string.Join(", ", reasons)}";
    }
}

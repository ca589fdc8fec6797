namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// Admission plugin <c>PodSecurity</c>: a namespace's labels <c>pod-security.kubernetes.io/enforce</c> and <c>warn</c> say whether it takes
/// only Pods of the level <c>restricted</c>. Templates of workloads are only warned of, as in a real cluster. The other levels are not judged, because
/// no Pod is created here.
/// </summary>
internal sealed class PodSecurity(ObjectStore objects) : IAdmissionPlugin
{
    private const string Restricted = "restricted";
    private const string LabelPrefix = "pod-security.kubernetes.io/";
    private static readonly string[] Workloads = ["cronjobs", "daemonsets", "deployments", "jobs", "replicasets", "statefulsets"];

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
        if (isPod && labels.Text(LabelPrefix + "enforce") == Restricted && Violation(labels, "enforce", spec) is { } violation)
        {
            throw Statuses.Forbidden(new GroupResource("", "pods"), request.Object!.Name(), $"violates PodSecurity {violation}");
        }

        switch (labels.Text(LabelPrefix + "warn"))
        {
            case Restricted when Violation(labels, "warn", spec) is { } warning:
                request.Warn?.Invoke($"would violate PodSecurity {warning}");
                break;
            case "baseline":
                request.Warn?.Invoke("the embedded cluster does not judge the Pod Security level baseline");
                break;
        }
    }

    /// <summary>Level and reasons, for example <c>"restricted:latest": host namespaces (hostNetwork=true)</c>; null when there are none.</summary>
    private static string? Violation(JsonObject? labels, string mode, JsonObject? spec)
    {
        var version = labels.Text($"{LabelPrefix}{mode}-version") is { Length: > 0 } given ? given : "latest";
        var reasons = PodSecurityChecks.Restricted(spec ?? []).ToList();
        return reasons.Count == 0 ? null : $"\"{Restricted}:{version}\": {string.Join(", ", reasons)}";
    }
}

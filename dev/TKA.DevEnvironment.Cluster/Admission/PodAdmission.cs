using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// Admission plugins <c>Priority</c>, <c>RuntimeClass</c> and <c>DefaultTolerationSeconds</c>: what a Pod may not say about itself, and
/// what every Pod tolerates for five minutes. There are the two priority classes that every cluster has, and no runtime classes.
/// </summary>
internal sealed class PodAdmission : IAdmissionPlugin
{
    private const string Policy = "PreemptLowerPriority";
    private static readonly string[] TroubledNodes = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    private static readonly Dictionary<string, long> Priorities = new()
    {
        [""] = 0,
        ["system-cluster-critical"] = 2_000_000_000,
        ["system-node-critical"] = 2_000_001_000,
    };

    /// <inheritdoc/>
    public void Admit(AdmissionRequest request)
    {
        if (request.Operation != "CREATE" || request.Request is not { ApiGroup: "", Resource: "pods", Subresource: "" } || request.Object.Child("spec") is not { } spec)
        {
            return;
        }

        var name = request.Object!.Name();
        if (spec.Text("runtimeClassName") is { Length: > 0 } runtime)
        {
            throw Refused(name, $"pod rejected: RuntimeClass \"{runtime}\" not found");
        }

        if (spec["overhead"] is not null)
        {
            throw Refused(name, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
        }

        SetPriority(spec, name);
        foreach (var taint in TroubledNodes)
        {
            Tolerate(spec, taint);
        }
    }

    private static void SetPriority(JsonObject spec, string pod)
    {
        var name = spec.Text("priorityClassName");
        if (!Priorities.TryGetValue(name, out var priority))
        {
            throw Refused(pod, $"no PriorityClass with name {name} was found");
        }

        if (spec.Integer("priority") is { } asked && asked != priority)
        {
            throw Refused(pod, $"the integer value of priority ({asked}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name");
        }

        if (spec.Text("preemptionPolicy") is { Length: > 0 } policy && policy != Policy)
        {
            throw Refused(pod, $"the string value of PreemptionPolicy ({policy}) must not be provided in pod spec; priority admission controller computed {Policy} from the given PriorityClass name");
        }

        spec["priority"] = priority;
        spec["preemptionPolicy"] = Policy;
    }

    private static void Tolerate(JsonObject spec, string taint)
    {
        var tolerations = spec.Items("tolerations");
        if ((tolerations ?? []).OfType<JsonObject>().Any(t => (t.Text("key") == taint || t.Text("key").Length == 0) && t.Text("effect") is ("NoExecute" or "")))
        {
            return;
        }

        if (tolerations is null)
        {
            spec["tolerations"] = tolerations = [];
        }

        tolerations.Add((JsonNode)new JsonObject { ["key"] = taint, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300 });
    }

    private static StatusException Refused(string pod, string why) => Statuses.Forbidden(new GroupResource("", "pods"), pod, why);
}

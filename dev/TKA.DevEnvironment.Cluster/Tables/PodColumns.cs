namespace TKA.DevEnvironment.Cluster.Tables;

/// <summary>Columns of pods; status is the most telling of phase, reason and container states.</summary>
internal static class PodColumns
{
    /// <summary>The columns.</summary>
    public static readonly TableDefinition Table = BuiltinColumns.Table(
        DefaultColumns.Name,
        BuiltinColumns.Text("Ready", Ready),
        BuiltinColumns.Text("Status", Status),
        BuiltinColumns.Text("Restarts", Restarts),
        DefaultColumns.Age,
        BuiltinColumns.Wide(BuiltinColumns.Text("IP", o => BuiltinColumns.Or(o.Child("status").Text("podIP"), "<none>"))),
        BuiltinColumns.Wide(BuiltinColumns.Text("Node", o => BuiltinColumns.Or(o.Child("spec").Text("nodeName"), "<none>"))),
        BuiltinColumns.Wide(BuiltinColumns.Text("Nominated Node", o => BuiltinColumns.Or(o.Child("status").Text("nominatedNodeName"), "<none>"))),
        BuiltinColumns.Wide(BuiltinColumns.Text("Readiness Gates", _ => "<none>")));

    private static IEnumerable<JsonObject> States(JsonObject pod) => pod.Child("status").Objects("containerStatuses");

    private static string Ready(JsonObject pod) =>
        BuiltinColumns.Invariant($"{States(pod).Count(s => s.Flag("ready"))}/{pod.Child("spec").Items("containers")?.Count ?? 0}");

    private static string Restarts(JsonObject pod) => BuiltinColumns.Invariant($"{States(pod).Sum(s => s.Integer("restartCount") ?? 0)}");

    private static string Status(JsonObject pod)
    {
        if (pod.Child("metadata")?["deletionTimestamp"] is not null)
        {
            return "Terminating";
        }

        foreach (var state in States(pod).Select(s => s.Child("state")))
        {
            if (state.Child("waiting").Text("reason") is { Length: > 0 } waiting)
            {
                return waiting;
            }

            if (state.Child("terminated").Text("reason") is { Length: > 0 } terminated)
            {
                return terminated;
            }
        }

        var status = pod.Child("status");
        return status.Text("reason") is { Length: > 0 } reason ? reason : BuiltinColumns.Or(status.Text("phase"), "Unknown");
    }
}

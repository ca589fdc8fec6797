namespace TKA.DevEnvironment.Cluster.Tables;

/// <summary>Columns of events.</summary>
internal static class EventColumns
{
    /// <summary>The columns.</summary>
    public static readonly TableDefinition Table = BuiltinColumns.Table(
        BuiltinColumns.Date("Last Seen", LastSeen),
        BuiltinColumns.Text("Type", o => o.Text("type")),
        BuiltinColumns.Text("Reason", o => o.Text("reason")),
        BuiltinColumns.Text("Object", o => $"{o.Child("involvedObject").Text("kind").ToLowerInvariant()}/{o.Child("involvedObject").Text("name")}"),
        BuiltinColumns.Text("Message", o => o.Text("message").Trim()),
        BuiltinColumns.Wide(DefaultColumns.Name));

    private static JsonNode? LastSeen(JsonObject obj) =>
        obj.Child("series")?["lastObservedTime"] ?? obj["lastTimestamp"] ?? obj["eventTime"] ?? obj.Child("metadata")?["creationTimestamp"];
}

using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Tables;

/// <summary>Columns of events under both of their names.</summary>
internal static class EventColumns
{
    /// <summary>Core <c>v1</c>.</summary>
    public static readonly TableDefinition Core = Make("involvedObject", "message", "lastTimestamp");

    /// <summary><c>events.k8s.io/v1</c>.</summary>
    public static readonly TableDefinition Events = Make("regarding", "note", "deprecatedLastTimestamp");

    private static TableDefinition Make(string about, string message, string last) => BuiltinColumns.Table(
        BuiltinColumns.Date("Last Seen", o => LastSeen(o, last)),
        BuiltinColumns.Text("Type", o => o.Text("type")),
        BuiltinColumns.Text("Reason", o => o.Text("reason")),
        BuiltinColumns.Text("Object", o => $"{o.Child(about).Text("kind").ToLowerInvariant()}/{o.Child(about).Text("name")}"),
        BuiltinColumns.Text("Message", o => o.Text(message).Trim()),
        BuiltinColumns.Wide(DefaultColumns.Name));

    private static JsonNode? LastSeen(JsonObject obj, string last) =>
        obj.Child("series")?["lastObservedTime"] ?? obj[last] ?? obj["eventTime"] ?? obj.Child("metadata")?["creationTimestamp"];
}

using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Events are one kind of object under two names: stored as core <c>v1</c>, also served as <c>events.k8s.io/v1</c>.</summary>
internal sealed class EventConverter : IObjectConverter
{
    /// <summary>Field in core, field in events.k8s.io.</summary>
    private static readonly (string Core, string Events)[] Renamed =
    [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("reportingComponent", "reportingController"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
    ];

    /// <inheritdoc/>
    public JsonObject FromStorage(JsonObject stored)
    {
        stored["apiVersion"] = "events.k8s.io/v1";
        foreach (var (core, events) in Renamed)
        {
            Move(stored, core, events);
        }

        return stored;
    }

    /// <inheritdoc/>
    public JsonObject ToStorage(JsonObject served)
    {
        var stored = (JsonObject)served.DeepClone();
        stored["apiVersion"] = "v1";
        foreach (var (core, events) in Renamed)
        {
            Move(stored, events, core);
        }

        return stored;
    }

    private static void Move(JsonObject obj, string from, string to)
    {
        if (obj.TryGetPropertyValue(from, out var value))
        {
            obj.Remove(from);
            obj[to] = value;
        }
    }
}

using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Core events.</summary>
internal sealed class EventStrategy : BuiltinStrategy
{
    private static readonly IReadOnlySet<string> EventFields = new HashSet<string>
    {
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
        "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    };

    public EventStrategy() => SelectableFields = EventFields;

    /// <inheritdoc/>
    public override string ReadField(JsonObject obj, string path) => path switch
    {
        "source" => obj.Child("source").Text("component") is { Length: > 0 } component ? component : obj.Text("reportingComponent"),
        _ => base.ReadField(obj, path),
    };

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors) =>
        EventRules.Validate(obj, obj.Child("involvedObject"), "reportingComponent", "message", errors);
}

/// <summary>Events of <c>events.k8s.io/v1</c>, which asks for more than core does.</summary>
internal sealed class EventsV1Strategy : BuiltinStrategy
{
    private static readonly IReadOnlySet<string> EventFields = new HashSet<string>
    {
        "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "regarding.apiVersion",
        "regarding.resourceVersion", "regarding.fieldPath", "reason", "reportingController", "type",
    };

    public EventsV1Strategy() => SelectableFields = EventFields;

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        EventRules.Validate(obj, obj.Child("regarding"), "reportingController", "note", errors);
        if (!EventRules.HasTime(obj))
        {
            errors.Required("eventTime");
        }

        if (obj.Child("series") is { } series)
        {
            if (series.Integer("count") is not >= 2)
            {
                errors.Invalid("series.count", "", "should be at least 2");
            }

            if (Timestamps.Parse(series.Text("lastObservedTime")) is null)
            {
                errors.Required("series.lastObservedTime");
            }
        }

        if (obj.Text("type") is not ("Normal" or "Warning"))
        {
            errors.Invalid("type", "", $"has invalid value: {obj.Text("type")}");
        }

        foreach (var field in (string[])["deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedCount", "deprecatedSource"])
        {
            if (obj[field] is not (null or JsonObject { Count: 0 }) && obj.Integer(field) is not 0)
            {
                errors.Invalid($"{char.ToLowerInvariant(field[10])}{field[11..]}", "", "needs to be unset");
            }
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        foreach (var field in (string[])["reason", "action", "regarding", "related", "reportingController", "reportingInstance", "note", "type", "eventTime"])
        {
            errors.Immutable(field, obj[field], old[field]);
        }
    }
}

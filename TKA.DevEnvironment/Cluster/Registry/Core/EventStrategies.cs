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
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var involved = obj.Child("involvedObject").Text("namespace");
        var own = obj.Child("metadata").Text("namespace");
        if (involved != own && !(involved.Length == 0 && own is "default" or "kube-system"))
        {
            errors.Invalid("involvedObject.namespace", involved, "does not match event.namespace");
        }
    }
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
        if (Timestamps.Parse(obj.Text("eventTime")) is null)
        {
            errors.Required("eventTime");
        }

        foreach (var (field, limit) in new[] { ("reportingController", 253), ("reportingInstance", 128), ("action", 128), ("reason", 128) })
        {
            var value = obj.Text(field);
            if (value.Length == 0)
            {
                errors.Required(field);
            }
            else if (value.Length > limit)
            {
                errors.Invalid(field, value, $"can have at most {limit} characters");
            }
        }

        if (obj.Text("note").Length > 1024)
        {
            errors.Invalid("note", obj["note"], "can have at most 1024 characters");
        }

        if (obj.Text("type") is not ("Normal" or "Warning"))
        {
            errors.Invalid("type", obj.Text("type"), "has invalid value");
        }

        var regarding = obj.Child("regarding").Text("namespace");
        var own = obj.Child("metadata").Text("namespace");
        if (regarding != own && !(regarding.Length == 0 && own is "default" or "kube-system"))
        {
            errors.Invalid("regarding.namespace", regarding, "does not match event.namespace");
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

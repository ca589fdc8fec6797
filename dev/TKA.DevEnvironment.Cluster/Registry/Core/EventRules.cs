using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>What every event must say, by whichever API it comes: one with a time is of the new kind and says who reports what.</summary>
internal static class EventRules
{
    /// <summary>Whether an event is of the new kind.</summary>
    public static bool HasTime(JsonObject obj) => Timestamps.Parse(obj.Text("eventTime")) is not null;

    /// <summary>Validates an event.</summary>
    /// <param name="obj">The event.</param>
    /// <param name="about">What it is about.</param>
    /// <param name="controller">Name of the field with the reporting controller.</param>
    /// <param name="note">Name of the field with the text.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static void Validate(JsonObject obj, JsonObject? about, string controller, string note, FieldErrors errors)
    {
        const string NamespaceField = "involvedObject.namespace";
        var involved = about.Text("namespace");
        var own = obj.Child("metadata").Text("namespace");
        if (!HasTime(obj))
        {
            if (involved.Length == 0 ? own != "default" : involved != own)
            {
                errors.Invalid(NamespaceField, involved, "does not match event.namespace");
            }

            return;
        }

        if (involved.Length == 0 && own is not ("default" or "kube-system"))
        {
            errors.Invalid(NamespaceField, involved, "does not match event.namespace");
        }

        if (obj.Text(controller).Length == 0)
        {
            errors.Required(controller);
        }

        if (NameRules.QualifiedName(obj.Text(controller)) is { } problem)
        {
            errors.Invalid(controller, obj.Text(controller), problem);
        }

        foreach (var field in (string[])["reportingInstance", "action", "reason"])
        {
            var value = obj.Text(field);
            if (value.Length == 0)
            {
                errors.Required(field);
            }
            else if (value.Length > 128)
            {
                errors.Invalid(field, "", "can have at most 128 characters");
            }
        }

        if (obj.Text(note).Length > 1024)
        {
            errors.Invalid("message", "", "can have at most 1024 characters");
        }
    }
}

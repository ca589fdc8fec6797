namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Events. An event with an <c>eventTime</c> must also name its reporter, action and reason.</summary>
internal sealed class EventStrategy() : BuiltinStrategy("Event")
{
    private const string NamespaceField = "involvedObject.namespace";
    private const int LongestText = 128;
    private const int LongestMessage = 1024;

    /// <summary>Fields that field selectors accept.</summary>
    public static readonly IReadOnlySet<string> Fields = new HashSet<string>
    {
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
        "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    };

    public override string ReadField(JsonObject obj, string path) => path switch
    {
        "source" => obj.Child("source").Text("component") is { Length: > 0 } component ? component : obj.Text("reportingComponent"),
        _ => base.ReadField(obj, path),
    };

    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var involved = obj.Child("involvedObject").Text("namespace");
        var own = obj.Child("metadata").Text("namespace");
        if (Timestamps.Parse(obj.Text("eventTime")) is null)
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

        var controller = obj.Text("reportingComponent");
        if (controller.Length == 0)
        {
            errors.Required("reportingComponent");
        }

        errors.Check("reportingComponent", controller, NameRules.QualifiedName(controller));

        foreach (var field in (string[])["reportingInstance", "action", "reason"])
        {
            var value = obj.Text(field);
            if (value.Length == 0)
            {
                errors.Required(field);
            }
            else if (value.Length > LongestText)
            {
                errors.Invalid(field, "", $"can have at most {LongestText} characters");
            }
        }

        if (obj.Text("message").Length > LongestMessage)
        {
            errors.Invalid("message", "", $"can have at most {LongestMessage} characters");
        }
    }
}

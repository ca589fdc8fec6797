using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Selection;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Jobs: pods that end, found by a label the server makes up.</summary>
internal sealed class JobStrategy : BuiltinStrategy
{
    private static readonly string[] Fixed = ["selector", "template", "completionMode"];

    private const string UidLabel = "batch.kubernetes.io/controller-uid";
    private const string NameLabel = "batch.kubernetes.io/job-name";

    /// <inheritdoc/>
    public override void Default(JsonObject obj) => JobRules.Default(obj.ChildOrNew("spec"));

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        base.PrepareForCreate(obj);
        obj["status"] = new JsonObject();
        var spec = obj.ChildOrNew("spec");
        if (spec.Flag("manualSelector"))
        {
            return;
        }

        var uid = obj.Child("metadata").Text("uid");
        var name = obj.Child("metadata").Text("name");
        spec.ChildOrNew("selector").ChildOrNew("matchLabels")[UidLabel] ??= uid;
        var labels = spec.ChildOrNew("template").ChildOrNew("metadata").ChildOrNew("labels");
        foreach (var (label, value) in new[] { (UidLabel, uid), (NameLabel, name), ("controller-uid", uid), ("job-name", name) })
        {
            labels[label] ??= value;
        }
    }

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        JobRules.Validate(spec, "spec", errors);
        var (selector, labels) = (spec.Child("selector"), spec.Child("template").Child("metadata").Child("labels"));
        if (selector is null)
        {
            errors.Required("spec.selector");
        }
        else if (!spec.Flag("manualSelector") && (selector.Count != 1 || selector.Child("matchLabels") is not { Count: 1 } only || only.Text(UidLabel) != obj.Child("metadata").Text("uid")))
        {
            errors.Invalid("spec.selector", selector, "`selector` not auto-generated");
        }

        if (selector is null || !StructuredLabelSelector.Matches(selector, labels))
        {
            errors.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var fields = obj.Child("spec").Text("completionMode") == "Indexed" ? Fixed : [.. Fixed, "completions"];
        foreach (var field in fields)
        {
            errors.Immutable($"spec.{field}", obj.Child("spec")?[field], old.Child("spec")?[field]);
        }
    }
}

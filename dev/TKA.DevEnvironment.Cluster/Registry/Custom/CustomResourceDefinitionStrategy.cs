using TKA.DevEnvironment.Cluster.Registry.Core;

namespace TKA.DevEnvironment.Cluster.Registry.Custom;

/// <summary>
/// CustomResourceDefinitions. Names are accepted and the definition is established in the write itself, where a real cluster takes a
/// moment; a finalizer keeps it until its objects are gone.
/// </summary>
internal sealed class CustomResourceDefinitionStrategy(TimeProvider time) : BuiltinStrategy("CustomResourceDefinition")
{
    /// <summary>Holds a definition that is being deleted until its objects are gone.</summary>
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    public override void Default(JsonObject obj)
    {
        var spec = obj.ChildOrNew("spec");
        var names = spec.ChildOrNew("names");
        if (names.Text("kind") is { Length: > 0 } kind)
        {
            names["singular"] ??= kind.ToLowerInvariant();
            names["listKind"] ??= kind + "List";
        }

        spec.ChildOrNew("conversion")["strategy"] ??= "None";
    }

    public override void PrepareForCreate(JsonObject obj)
    {
        Default(obj);
        obj["status"] = EstablishedStatus(obj, null);
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
        base.PrepareForUpdate(obj, old);
        Default(obj);
        if (!JsonNode.DeepEquals(obj["spec"], old["spec"]))
        {
            obj["status"] = EstablishedStatus(obj, old.Child("status"));
        }
    }

    public override void MarkDeleting(JsonObject obj, TimeProvider time)
    {
        var metadata = obj.ChildOrNew("metadata");
        if (!metadata.Texts("finalizers").Contains(CleanupFinalizer))
        {
            metadata["finalizers"] = metadata.Texts("finalizers").Append(CleanupFinalizer).ToJsonArray();
        }

        var status = obj.ChildOrNew("status");
        var conditions = status.Items("conditions") ?? [];
        status["conditions"] = new JsonArray([.. conditions.Select(c => c?.DeepClone()), Condition("Terminating", "InstanceDeletionPending", "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon")]);
    }

    protected override void ValidateContent(JsonObject obj, FieldErrors errors) => CustomResourceDefinitionRules.Validate(obj, errors);

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        CustomResourceDefinitionRules.ValidateUpdate(obj, old, errors);

    private JsonObject EstablishedStatus(JsonObject obj, JsonObject? old)
    {
        var spec = obj.Child("spec");
        var storage = spec.Objects("versions").FirstOrDefault(v => v.Flag("storage")).Text("name");
        var stored = old.Texts("storedVersions").Append(storage).Where(v => v.Length > 0).Distinct();
        return new JsonObject
        {
            ["conditions"] = old.Items("conditions") is { Count: > 0 } conditions
                ? conditions.DeepClone()
                : new JsonArray(
                    Condition("NamesAccepted", "NoConflicts", "no conflicts found"),
                    Condition("Established", "InitialNamesAccepted", "the initial names have been accepted")),
            ["acceptedNames"] = spec?["names"]?.DeepClone() ?? new JsonObject(),
            ["storedVersions"] = stored.ToJsonArray(),
        };
    }

    private JsonObject Condition(string type, string reason, string message) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastTransitionTime"] = Timestamps.Now(time),
        ["reason"] = reason,
        ["message"] = message,
    };
}

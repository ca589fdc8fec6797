namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Namespaces: kept by <c>spec.finalizers</c> until their content is gone.</summary>
internal sealed class NamespaceStrategy() : BuiltinStrategy("Namespace")
{
    private const string NameLabel = "kubernetes.io/metadata.name";
    private const string ContentFinalizer = "kubernetes";

    public override string? NameProblem(string name) => NameRules.Label(name);

    public override void Default(JsonObject obj)
    {
        var metadata = obj.ChildOrNew("metadata");
        if (metadata.Text("name") is { Length: > 0 } name)
        {
            metadata.ChildOrNew("labels")[NameLabel] = name;
        }
    }

    public override void PrepareForCreate(JsonObject obj)
    {
        // A generated name is known only now.
        Default(obj);
        obj["status"] = new JsonObject { ["phase"] = "Active" };
        var spec = obj.ChildOrNew("spec");
        if (!spec.Texts("finalizers").Contains(ContentFinalizer))
        {
            spec["finalizers"] = spec.Texts("finalizers").Append(ContentFinalizer).ToJsonArray();
        }
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
        base.PrepareForUpdate(obj, old);
        Restore(obj, old, "spec");
    }

    public override void PrepareForFinalize(JsonObject obj, JsonObject old) => Restore(obj, old, "status");

    public override void MarkDeleting(JsonObject obj, TimeProvider time) => obj.ChildOrNew("status")["phase"] = "Terminating";

    public override bool HoldsBackDeletion(JsonObject obj) =>
        base.HoldsBackDeletion(obj) || obj.Child("spec").Items("finalizers") is { Count: > 0 };
}

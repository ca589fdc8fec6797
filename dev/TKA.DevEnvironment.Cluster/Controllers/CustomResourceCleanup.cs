using TKA.DevEnvironment.Cluster.Registry.Custom;

namespace TKA.DevEnvironment.Cluster.Controllers;

/// <summary>Deletes the objects of a CustomResourceDefinition that is being deleted, then lets it go.</summary>
internal sealed class CustomResourceCleanup(
    ObjectStore store, ResourceRegistry registry, ControllerWrites writes, TimeProvider time, ILogger<CustomResourceCleanup> logger)
    : Controller<string>(time, logger)
{
    public override void Observe(GroupResource resource, ObjectEvent change)
    {
        if (resource == CustomResources.Definitions)
        {
            Enqueue(change.Current.Name);
        }
        else if (change.Type == ChangeType.Deleted && resource.Group.Contains('.', StringComparison.Ordinal))
        {
            Enqueue(resource.ToString());
        }
    }

    protected override void Reconcile(string key)
    {
        var crd = store.Find(CustomResources.Definitions, "", key)?.Read();
        if (crd is null
            || crd.Child("metadata")?["deletionTimestamp"] is null
            || !crd.Child("metadata").Texts("finalizers").Contains(CustomResourceDefinitionStrategy.CleanupFinalizer))
        {
            return;
        }

        var resource = new GroupResource(crd.Child("spec").Text("group"), crd.Child("spec").Child("names").Text("plural"));
        if (registry.FindStored(resource) is { } definition)
        {
            foreach (var stored in store.Snapshot(resource).Objects)
            {
                writes.Delete(definition, stored);
            }
        }

        if (store.Snapshot(resource).Objects.IsEmpty)
        {
            writes.Update(registry.FindStored(CustomResources.Definitions)!, "", key, obj =>
            {
                var metadata = obj.ChildOrNew("metadata");
                metadata["finalizers"] = metadata.Texts("finalizers")
                    .Where(f => f != CustomResourceDefinitionStrategy.CleanupFinalizer).ToJsonArray();
            });
        }
    }
}

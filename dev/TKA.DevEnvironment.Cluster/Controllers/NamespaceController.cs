namespace TKA.DevEnvironment.Cluster.Controllers;

/// <summary>Gives new namespaces what pods expect there, and empties namespaces that are being deleted.</summary>
internal sealed class NamespaceController(
    ObjectStore store, ResourceRegistry registry, ControllerWrites writes, string caPem, TimeProvider time, ILogger<NamespaceController> logger)
    : Controller<string>(time, logger)
{
    private static readonly GroupResource Namespaces = new("", "namespaces");
    private static readonly GroupResource ServiceAccounts = new("", "serviceaccounts");
    private static readonly GroupResource ConfigMaps = new("", "configmaps");
    private const string RootCa = "kube-root-ca.crt";

    public override void Observe(GroupResource resource, ObjectEvent change)
    {
        if (resource == Namespaces)
        {
            if (change.Type != ChangeType.Deleted)
            {
                Enqueue(change.Current.Name);
            }
        }
        else if (change.Type == ChangeType.Deleted && change.Current.Namespace.Length > 0)
        {
            // Either the last object of a terminating namespace was deleted, or one that every namespace has and that must be created again.
            Enqueue(change.Current.Namespace);
        }
    }

    protected override void Reconcile(string key)
    {
        if (store.Find(Namespaces, "", key) is not { } stored)
        {
            return;
        }

        var space = stored.Read();
        if (space.Child("metadata")?["deletionTimestamp"] is null)
        {
            Furnish(key);
        }
        else if (space.Child("spec").Texts("finalizers").Contains("kubernetes") && Empty(key))
        {
            writes.Update(
                registry.FindStored(Namespaces)!,
                key,
                key,
                obj => obj.ChildOrNew("spec")["finalizers"] =
                    obj.Child("spec").Texts("finalizers").Where(f => f != "kubernetes").ToJsonArray(),
                "finalize");
        }
    }

    private void Furnish(string name)
    {
        if (store.Find(ServiceAccounts, name, "default") is null)
        {
            writes.Create(registry.FindStored(ServiceAccounts)!, name, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } });
        }

        if (store.Find(ConfigMaps, name, RootCa) is null)
        {
            writes.Create(registry.FindStored(ConfigMaps)!, name, new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = RootCa,
                    ["annotations"] = new JsonObject
                    {
                        ["kubernetes.io/description"] = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
                    },
                },
                ["data"] = new JsonObject { ["ca.crt"] = caPem },
            });
        }
    }

    /// <summary>Deletes the content; true when the namespace is empty.</summary>
    private bool Empty(string name)
    {
        var left = false;
        foreach (var definition in registry.All.Where(d => d.Namespaced))
        {
            var (objects, _) = store.Snapshot(definition.GroupResource);
            foreach (var stored in objects.Where(o => o.Namespace == name))
            {
                if (stored.Json.AsSpan().IndexOf("\"deletionTimestamp\""u8) < 0)
                {
                    writes.Delete(definition, stored);
                }

                left |= store.Find(definition.GroupResource, name, stored.Name) is not null;
            }
        }

        return !left;
    }
}

using System.Collections.Concurrent;
using TKA.DevEnvironment.Cluster.Tables;

namespace TKA.DevEnvironment.Cluster.Registry.Custom;

/// <summary>Keeps the registry in step with the stored CustomResourceDefinitions.</summary>
internal sealed class CustomResources(ResourceRegistry registry)
{
    /// <summary>Where CustomResourceDefinitions are stored.</summary>
    public static readonly GroupResource Definitions = new("apiextensions.k8s.io", "customresourcedefinitions");

    private readonly ConcurrentDictionary<string, Served> _served = new();

    /// <summary>Takes note of a write; called by the store in order.</summary>
    public void Observe(GroupResource resource, ObjectEvent change)
    {
        if (resource != Definitions)
        {
            return;
        }

        var name = change.Current.Name;
        if (change.Type == ChangeType.Deleted)
        {
            registry.SetCustom(name, null);
            Retire(name);
            return;
        }

        var crd = change.Current.Read();
        var terminating = crd.Child("metadata")?["deletionTimestamp"] is not null;
        var shape = $"{terminating}{crd["spec"]?.ToJsonString()}";
        if (_served.TryGetValue(name, out var served) && served.Shape == shape)
        {
            return;
        }

        var removed = new CancellationTokenSource();
        registry.SetCustom(name, Build(crd, terminating, removed.Token));
        Retire(name);
        _served[name] = new Served(shape, removed);
    }

    /// <summary>Ends the watches of the version of the definition that was served until now.</summary>
    private void Retire(string name)
    {
        if (_served.TryRemove(name, out var served))
        {
            // Callbacks must not run here, because the store's lock is held.
            _ = served.Removed.CancelAsync();
        }
    }

    /// <summary>What is served; null when the only version is not.</summary>
    private static ResourceDefinition? Build(JsonObject crd, bool terminating, CancellationToken removed)
    {
        var spec = crd.Child("spec")!;
        var names = spec.Child("names")!;
        var version = spec.Objects("versions")[0];
        return !version.Flag("served") ? null : new ResourceDefinition
        {
            Group = spec.Text("group"),
            Version = version.Text("name"),
            Resource = names.Text("plural"),
            Kind = names.Text("kind"),
            ListKind = names.Text("listKind"),
            Singular = names.Text("singular"),
            ShortNames = names.Texts("shortNames"),
            Categories = names.Texts("categories"),
            Namespaced = spec.Text("scope") == "Namespaced",
            Subresources = version.Child("subresources")?["status"] is null ? [] : ["status"],
            Strategy = new CustomResourceStrategy(names.Text("kind"), version, terminating),
            Table = CustomColumns.Read(version),
            Schema = version.Child("schema").Child("openAPIV3Schema"),
            IsCustom = true,
            Removed = removed,
        };
    }

    private sealed record Served(string Shape, CancellationTokenSource Removed);
}

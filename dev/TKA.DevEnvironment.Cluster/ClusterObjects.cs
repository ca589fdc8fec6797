using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Authorization;
using TKA.DevEnvironment.Cluster.Patching;
using TKA.DevEnvironment.Shared;

namespace TKA.DevEnvironment.Cluster;

/// <summary>Stores what is not written over HTTP: what a cluster has from the start, manifests, and samples.</summary>
internal sealed class ClusterObjects(ObjectStore store, ResourceRegistry registry, ObjectWriter writer)
{
    /// <summary>Creates what exists from the start.</summary>
    public void ApplyInitial()
    {
        foreach (var obj in YamlJson.ParseAll(EmbeddedText.Read("initial.yaml")).Cast<JsonObject>().Concat(BootstrapPolicy.Objects()))
        {
            Apply(obj);
        }
    }

    /// <summary>Creates an object as the administrator, or merges it into the one that exists.</summary>
    /// <exception cref="StatusException">It was refused.</exception>
    public void Apply(JsonObject obj) => Apply(obj, byServer: false);

    /// <summary>Stores a sample object with its status, as if a real cluster had run it.</summary>
    /// <exception cref="StatusException">It was refused.</exception>
    public void Seed(JsonObject obj)
    {
        var (definition, request) = Apply(obj, byServer: true);
        if (definition.Strategy.HasStatus && obj["status"] is { } status)
        {
            var update = request with { Info = request.Info with { Verb = "update", Subresource = "status" } };
            writer.Update(definition, update, current =>
            {
                current["status"] = status.DeepClone();
                return current;
            });
        }
    }

    private (ResourceDefinition Definition, WriteRequest Request) Apply(JsonObject obj, bool byServer)
    {
        var definition = registry.FindKind(obj.Text("apiVersion"), obj.Text("kind"))
            ?? throw new StatusException(404, "NotFound", $"no matches for kind \"{obj.Text("kind")}\" in version \"{obj.Text("apiVersion")}\"");
        var metadata = obj.Child("metadata");
        var @namespace = definition.Namespaced ? metadata.Text("namespace") is { Length: > 0 } given ? given : "default" : "";
        var info = RequestInfo.ForObject(definition, "create", @namespace, metadata.Text("name"));
        var request = new WriteRequest(WellKnownUsers.Admin, info, new WriteOptions(DryRun: false, "tka", FieldValidation.Strict, Force: null)) { Manager = "tka", ByServer = byServer };
        if (store.Find(definition.GroupResource, @namespace, info.Name) is null)
        {
            writer.Create(definition, request, (JsonObject)obj.DeepClone());
            return (definition, request);
        }

        var update = request with { Info = info with { Verb = "patch" } };
        writer.Update(definition, update, current => MergePatch.Apply(current, obj) as JsonObject ?? current);
        return (definition, request);
    }
}

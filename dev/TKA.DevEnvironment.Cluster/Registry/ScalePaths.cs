using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>Where an object keeps what its <c>scale</c> subresource shows; member names from the object down.</summary>
internal sealed record ScalePaths(string[] SpecReplicas, string[] StatusReplicas, string[] Selector)
{
    /// <summary>Deployments, ReplicaSets and StatefulSets.</summary>
    public static ScalePaths Workload { get; } = new(["spec", "replicas"], ["status", "replicas"], []);

    /// <summary>Reads a CustomResourceDefinition's <c>subresources.scale</c>; null when there is none.</summary>
    public static ScalePaths? Read(JsonObject? scale) =>
        scale is null ? null : new(Split(scale.Text("specReplicasPath")), Split(scale.Text("statusReplicasPath")), Split(scale.Text("labelSelectorPath")));

    /// <summary>The value at a path, or null.</summary>
    public static JsonNode? Get(JsonObject obj, string[] path) =>
        path.Aggregate((JsonNode?)obj, (node, name) => (node as JsonObject)?[name]);

    /// <summary>Sets the value at a path, making objects on the way.</summary>
    public static void Set(JsonObject obj, string[] path, JsonNode value) =>
        path[..^1].Aggregate(obj, (node, name) => node.ChildOrNew(name))[path[^1]] = value;

    private static string[] Split(string path) => path.Split('.', StringSplitOptions.RemoveEmptyEntries);
}

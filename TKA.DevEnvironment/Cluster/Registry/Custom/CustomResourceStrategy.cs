using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Registry.Custom;

/// <summary>Objects of a CustomResourceDefinition.</summary>
internal sealed class CustomResourceStrategy : ResourceStrategy
{
    private readonly bool _terminating;

    /// <summary>Behaviour of one version.</summary>
    public CustomResourceStrategy(JsonObject version, bool terminating)
    {
        _terminating = terminating;
        HasStatus = version.Child("subresources")?.ContainsKey("status") ?? false;
        HasGeneration = true;
        AllowUnconditionalUpdate = false;
        SelectableFields = (version.Items("selectableFields") ?? []).OfType<JsonObject>()
            .Select(f => f.Text("jsonPath").TrimStart('.')).ToHashSet();
    }

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        if (_terminating)
        {
            throw new StatusException(405, "MethodNotAllowed", "create not allowed while custom resource definition is terminating");
        }

        base.PrepareForCreate(obj);
    }
}

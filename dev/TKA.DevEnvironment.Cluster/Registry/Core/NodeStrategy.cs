using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Nodes register themselves with their status.</summary>
internal sealed class NodeStrategy : BuiltinStrategy
{
    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        // Unlike elsewhere, a new node brings its status.
    }
}

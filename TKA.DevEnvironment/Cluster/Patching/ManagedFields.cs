using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Registry;

namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>Keeps <c>metadata.managedFields</c>: who set which field.</summary>
internal static class ManagedFields
{
    /// <summary>Records a create or update.</summary>
    public static void TrackUpdate(ResourceDefinition definition, JsonObject obj, JsonObject? old, WriteRequest request, TimeProvider time)
    {
    }

    /// <summary>Whether two objects differ in nothing but the times of managedFields.</summary>
    public static bool SameButForTimes(JsonObject obj, JsonObject old) => JsonNode.DeepEquals(obj, old);
}
